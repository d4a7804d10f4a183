package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.hypervisor.DiskSpec.BaseImage;
import dev.berth.hypervisor.disk.StorageSpace;
import dev.berth.testing.LoopDevice;
import dev.berth.testing.Parallel;
import dev.berth.testing.World;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The {@code partition} disk, on a loop device: made beside partitions of others, wiped before it goes. */
@Tag("hypervisor")
class PartitionDiskLiveTest {
    private static final long GIB = 1L << 30;
    private static final BaseImage BASE = new BaseImage(World.GUEST.toString(), "qcow2");

    private LiveHost host;
    private Hypervisor hypervisor;
    private StorageSpec storage;
    private LoopDevice device;

    @BeforeEach
    void connect() throws IOException {
        device = LoopDevice.make(4 * GIB);
        host = new LiveHost();
        hypervisor = host.hypervisor;
        storage = new StorageSpec(
                UUID.randomUUID(),
                host.storage.slug() + "part",
                "partition",
                Map.of("disks", "/dev/disk/by-id/on-another-host " + device.path()));
    }

    @AfterEach
    void disconnect() throws IOException {
        host.close();
        device.close();
    }

    private DiskSpec disk(UUID machineId, BaseImage base) {
        UUID id = UUID.randomUUID();
        return new DiskSpec(id, id, machineId, "vda", 1, storage, base, "");
    }

    @Test
    void aGuestKeepsWhatItWritesBesideOthersAndLeavesNothing() throws IOException {
        LoopDevice.must(
                "sh", "-c", "printf 'label: gpt\\nsize=200MiB, name=\"other\"\\n' | sfdisk -q " + device.path());
        LoopDevice.must("partx", "--update", device.path());
        LoopDevice.must(
                "sh", "-c", "printf somebody-elses | dd of=" + device.path() + "p1 conv=notrunc,fsync status=none");
        assertThat(hypervisor.checkStorage(storage).problems()).isEmpty();
        DomainSpec plain =
                host.machine("part-1", BASE, LiveHost.nic(host.network, 0, UUID.randomUUID(), host.subnet + ".20"));
        DiskSpec disk = disk(plain.machineId(), BASE);
        DiskSpec second = disk(plain.machineId(), null);
        DomainSpec machine = plain.withDisks(List.of(disk));
        host.prepare(machine);
        LibvirtSchema.assertValid(
                "domain", LiveHost.virsh("dumpxml", machine.machineId().toString()));
        Guest guest = Guest.startPrepared(host, machine).awaitBoot();
        guest.must("echo marker-of-part > /root/marker; sync");

        hypervisor.ensureDisk(second, Progress.NONE);
        assertThat(hypervisor.checkStorage(storage).problems())
                .as("the kernel was told while a machine has a partition open")
                .isEmpty();
        assertThat(hypervisor.volumes(storage)).containsExactlyInAnyOrder(disk.volume(), second.volume());
        hypervisor.deleteDisk(second, Progress.NONE);
        assertThatThrownBy(() -> hypervisor.deleteDisk(disk, Progress.NONE)).hasMessageContaining("virtual machine");

        hypervisor.powerOff(machine.machineId());
        hypervisor.start(machine.machineId());
        assertThat(guest.awaitBoot().must("cat /root/marker")).contains("marker-of-part");
        hypervisor.powerOff(machine.machineId());
        assertThat(device.contains("marker-of-part")).isTrue();
        hypervisor.undefine(machine.machineId(), LiveHost.INSTALLATION);
        hypervisor.deleteDisk(disk, Progress.NONE);
        hypervisor.deleteDisk(disk, Progress.NONE);

        assertThat(device.contains("marker-of-part")).isFalse();
        assertThat(device.contains("somebody-elses")).isTrue();
        assertThat(hypervisor.volumes(storage)).isEmpty();
        assertThat(LoopDevice.must("sfdisk", "--dump", device.path()))
                .contains("other")
                .doesNotContain("berth");
        host.remove(machine);
    }

    @Test
    void fillsTheRoomThereIsAndNoMore() {
        assertThat(hypervisor.checkStorage(storage).problems())
                .as("a disk that holds nothing will do")
                .isEmpty();
        hypervisor.ensureStorage(storage);
        hypervisor.ensureStorage(storage);
        List<DiskSpec> disks = Parallel.run(3, i -> {
            DiskSpec disk = disk(UUID.randomUUID(), null);
            hypervisor.ensureDisk(disk, Progress.NONE);
            return disk;
        });
        assertThat(disks).allMatch(hypervisor::diskExists);
        assertThatThrownBy(() -> hypervisor.ensureDisk(disk(UUID.randomUUID(), null), Progress.NONE))
                .hasMessageContaining("room for a partition of 1 GiB");
        Map<String, String> facts = hypervisor.checkStorage(storage).facts();
        assertThat(StorageSpace.largest(facts).orElseThrow()).isPositive().isLessThan(GIB);

        DiskSpec disk = disks.get(1);
        hypervisor.deleteDisk(disk, Progress.NONE);
        RuntimeException stop = new RuntimeException("stop");
        DiskSpec half = disk(UUID.randomUUID(), BASE);
        assertThatThrownBy(() -> hypervisor.ensureDisk(half, (done, total) -> {
                    throw stop;
                }))
                .isSameAs(stop);
        assertThat(hypervisor.diskExists(half)).isFalse();
        assertThat(hypervisor.volumes(storage)).contains(half.volume());
        hypervisor.ensureDisk(half, Progress.NONE);
        assertThat(hypervisor.diskExists(half)).isTrue();
    }

    @Test
    void handsOutNothingWhenTheKernelKeepsAnOldTable() {
        hypervisor.ensureStorage(storage);
        DiskSpec disk = disk(UUID.randomUUID(), null);
        hypervisor.ensureDisk(disk, Progress.NONE);
        LoopDevice.must("sh", "-c", "sfdisk -q --no-reread --no-tell-kernel --delete " + device.path() + " 1");

        assertThat(hypervisor.checkStorage(storage).problems())
                .singleElement()
                .asString()
                .contains("old partition table", device.path(), "restart the host");
        assertThatThrownBy(() -> hypervisor.ensureDisk(disk(UUID.randomUUID(), null), Progress.NONE))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContainingAll("old partition table", device.path(), "partx --update", "restart the host");

        LoopDevice.must("partx", "--delete", "--nr", "1", device.path());
        assertThat(hypervisor.checkStorage(storage).problems()).isEmpty();

        LoopDevice.must("wipefs", "--all", "--quiet", device.path());
        LoopDevice.must("mkfs.ext4", "-q", "-F", device.path());
        assertThat(hypervisor.checkStorage(storage).problems())
                .singleElement()
                .asString()
                .contains("holds data");
    }
}
