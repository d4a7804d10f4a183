package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.hypervisor.DiskSpec.BaseImage;
import dev.berth.hypervisor.disk.DeviceLook;
import dev.berth.testing.LoopDevice;
import dev.berth.testing.World;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The {@code block} disk, on loop devices: a whole device that a guest boots from, and that holds nothing afterwards. */
@Tag("hypervisor")
class BlockDiskLiveTest {
    private static final long GIB = 1L << 30;
    private static final BaseImage BASE = new BaseImage(World.GUEST.toString(), "qcow2");

    private LiveHost host;
    private Hypervisor hypervisor;
    private StorageSpec storage;
    private LoopDevice device;

    @BeforeEach
    void connect() throws IOException {
        device = LoopDevice.make(GIB + (64 << 20));
        host = new LiveHost();
        hypervisor = host.hypervisor;
        storage = new StorageSpec(UUID.randomUUID(), host.storage.slug() + "block", "block", Map.of());
    }

    @AfterEach
    void disconnect() throws IOException {
        host.close();
        device.close();
    }

    private DiskSpec disk(UUID machineId, BaseImage base) {
        UUID id = UUID.randomUUID();
        return new DiskSpec(id, id, machineId, "vda", 1, storage, base, device.path());
    }

    @Test
    void aGuestKeepsWhatItWritesAndLeavesNothing() throws IOException {
        write(GIB + 4096, "written-before-registration");
        DomainSpec plain =
                host.machine("block-1", BASE, LiveHost.nic(host.network, 0, UUID.randomUUID(), host.subnet + ".20"));
        DiskSpec disk = disk(plain.machineId(), BASE);
        DomainSpec machine = plain.withDisks(List.of(disk));
        host.prepare(machine);
        assertThat(device.contains("written-before-registration")).isFalse();
        assertThat(hypervisor.volumes(storage)).containsExactly(disk.volume());
        LibvirtSchema.assertValid(
                "domain", LiveHost.virsh("dumpxml", machine.machineId().toString()));
        Guest guest = Guest.startPrepared(host, machine).awaitBoot();
        guest.must("echo marker-of-block > /root/marker; sync");
        assertThatThrownBy(() -> hypervisor.wipeDevice(storage, device.path(), Progress.NONE))
                .as("a machine's disk is on it")
                .isInstanceOf(HypervisorException.class);
        assertThat(hypervisor.lookAtDevice(storage, device.path(), false).inUse())
                .contains("virtual machine");
        hypervisor.powerOff(machine.machineId());
        hypervisor.start(machine.machineId());
        assertThat(guest.awaitBoot().must("cat /root/marker")).contains("marker-of-block");
        hypervisor.powerOff(machine.machineId());
        assertThat(device.contains("marker-of-block")).isTrue();

        long[] last = new long[1];
        hypervisor.undefine(machine.machineId(), LiveHost.INSTALLATION);
        hypervisor.deleteDisk(disk, (done, total) -> last[0] = done);
        hypervisor.deleteDisk(disk, Progress.NONE);

        assertThat(last[0]).isEqualTo(GIB + (64 << 20));
        assertThat(device.contains("marker-of-block")).isFalse();
        assertThat(hypervisor.volumes(storage)).isEmpty();
        assertThat(hypervisor.diskExists(disk)).isFalse();
        assertFree();
        host.remove(machine);
    }

    @Test
    void isMadeAgainWhenItWasHalfMade() throws IOException {
        DiskSpec disk = disk(UUID.randomUUID(), BASE);
        RuntimeException stop = new RuntimeException("stop");
        assertThatThrownBy(() -> hypervisor.ensureDisk(disk, (done, total) -> {
                    if (done > (64 << 20)) {
                        throw stop;
                    }
                }))
                .isSameAs(stop);
        assertThat(hypervisor.diskExists(disk)).isFalse();
        assertThat(hypervisor.volumes(storage)).containsExactly(disk.volume());

        write(0, "half of something that looks like nothing");
        hypervisor.ensureDisk(disk, Progress.NONE);

        assertThat(hypervisor.diskExists(disk)).isTrue();
        assertThat(HostCommand.of(
                                "qemu-img",
                                "compare",
                                "-f",
                                "qcow2",
                                "-F",
                                "raw",
                                World.GUEST.toString(),
                                device.path())
                        .timeout(Duration.ofMinutes(1))
                        .run()
                        .output())
                .contains("Images are identical");

        write(0, "written by its guest");
        hypervisor.ensureDisk(disk, Progress.NONE);
        assertThat(device.contains("written by its guest"))
                .as("a whole one is left alone")
                .isTrue();
        assertThatThrownBy(() -> hypervisor.ensureDisk(disk(UUID.randomUUID(), BASE), Progress.NONE))
                .hasMessageContaining("another machine's disk");
        hypervisor.deleteDisk(
                new DiskSpec(disk.id(), UUID.randomUUID(), disk.machineId(), "vda", 1, storage, BASE, ""),
                Progress.NONE);
        hypervisor.deleteDisk(disk, Progress.NONE);
        assertFree();
    }

    @Test
    void isLeftAloneWhenItIsInUseOrHoldsAnything() throws IOException {
        DiskSpec disk = disk(UUID.randomUUID(), BASE);
        assertFree();
        LoopDevice.must("mkfs.ext4", "-q", "-F", device.path());
        refused(disk, "ext4", false);

        Path mount = Files.createTempDirectory(Path.of("/var/tmp"), "berth-test-mount-");
        try {
            LoopDevice.must("mount", "-t", "ext4", device.path(), mount.toString());
            refused(disk, mount.toString(), true);
            assertThatThrownBy(() -> hypervisor.wipeDevice(storage, device.path(), Progress.NONE))
                    .hasMessageContaining(mount.toString());
        } finally {
            HostCommand.of("umount", mount.toString()).run();
            Files.delete(mount);
        }
        for (String[] makes : List.of(
                new String[] {"mkswap", "-f", device.path()},
                new String[] {"sh", "-c", "echo 'label: gpt' | sfdisk -q --wipe always " + device.path()})) {
            LoopDevice.must(makes);
            refused(disk, makes[0].equals("mkswap") ? "swap" : "gpt", false);
        }
        write(GIB / 2, "a database without a file system");
        hypervisor.wipeDevice(storage, device.path(), Progress.NONE);
        assertThat(device.contains("a database without a file system")).isFalse();
        assertFree();
        write(0, "no sign of any kind");
        assertThat(hypervisor.lookAtDevice(storage, device.path(), true).data()).contains("not known");
        assertThat(hypervisor.lookAtDevice(storage, "/dev/no/such", true).there())
                .isFalse();
        assertThat(hypervisor.lookAtDevice(storage, "/dev/../etc/passwd", true).there())
                .isFalse();
        assertThat(hypervisor.lookAtDevice(storage, "/dev/null", true).there()).isFalse();
    }

    private void refused(DiskSpec disk, String why, boolean inUse) {
        DeviceLook look = hypervisor.lookAtDevice(storage, device.path(), true);
        assertThat(inUse ? look.inUse() : look.data()).contains(why);
        assertThat(look.inUse().isEmpty()).isEqualTo(!inUse);
        assertThatThrownBy(() -> hypervisor.ensureDisk(disk, Progress.NONE))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining(why);
        hypervisor.deleteDisk(disk, Progress.NONE);
        assertThat(hypervisor.lookAtDevice(storage, device.path(), true).data())
                .as("what Berth did not write it does not wipe")
                .isEqualTo(look.data());
    }

    private void assertFree() {
        DeviceLook look = hypervisor.lookAtDevice(storage, device.path(), true);
        assertThat(look.inUse()).isEmpty();
        assertThat(look.data()).isEmpty();
        assertThat(look.bytes()).isEqualTo(GIB + (64 << 20));
    }

    private void write(long offset, String text) throws IOException {
        try (var channel = java.nio.channels.FileChannel.open(Path.of(device.path()), StandardOpenOption.WRITE)) {
            channel.write(java.nio.ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), offset);
            channel.force(true);
        }
    }
}
