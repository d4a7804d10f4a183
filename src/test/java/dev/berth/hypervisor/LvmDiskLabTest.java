package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.berth.hypervisor.DiskSpec.BaseImage;
import dev.berth.testing.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The {@code lvm} disk in a volume group on a loop device, where the kernel has device-mapper. */
@Tag("hypervisor")
@Tag("lab")
class LvmDiskLabTest {
    private static final long GIB = 1L << 30;
    private static final BaseImage BASE = new BaseImage(World.GUEST.toString(), "qcow2");
    private static final String MARKER = "marker-of-lvm";

    private LiveHost host;
    private Hypervisor hypervisor;
    private StorageSpec storage;
    private String group;
    private String loop = "";

    @BeforeEach
    void makeGroup() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/mapper/control")), "dm");
        assumeTrue(Files.readString(Path.of("/proc/misc")).contains("device-mapper"), "dm");
        assumeTrue(Files.exists(Path.of("/usr/sbin/lvcreate")), "lvm2");
        host = new LiveHost();
        hypervisor = host.hypervisor;
        group = host.storage.slug() + "vg";
        storage = new StorageSpec(UUID.randomUUID(), host.storage.slug() + "lvm", "lvm", Map.of("group", group));
        assertThat(hypervisor.checkStorage(storage).problems())
                .singleElement()
                .asString()
                .contains("no volume group " + group);
        must("truncate", "-s", "5G", device().toString());
        loop = must("losetup", "--find", "--show", device().toString()).strip();
        must("vgcreate", group, loop);
    }

    @AfterEach
    void removeGroup() throws IOException {
        if (host == null) {
            return;
        }
        try (LiveHost closing = host) {
            closing.hypervisor.domains(LiveHost.INSTALLATION).forEach(left -> hypervisor.powerOff(left.machineId()));
            run("vgremove", "--force", "--yes", group);
            run("pvremove", "--force", "--yes", loop);
        } finally {
            run("losetup", "--detach", loop);
        }
    }

    private Path device() {
        return host.directory.resolve("pv");
    }

    @Test
    void aGuestKeepsWhatItWritesAndNothingOfItStays() throws IOException {
        assertThat(hypervisor.checkStorage(storage).problems()).isEmpty();
        DomainSpec plain =
                host.machine("lvm-1", BASE, LiveHost.nic(host.network, 0, UUID.randomUUID(), host.subnet + ".40"));
        DiskSpec disk = LiveHost.disk(plain.machineId(), "vda", 1, storage, BASE);
        RuntimeException stop = new RuntimeException("stop");
        hypervisor.ensureStorage(storage);
        assertThatThrownBy(() -> hypervisor.ensureDisk(disk, (done, total) -> {
                    throw stop;
                }))
                .isSameAs(stop);
        assertThat(hypervisor.diskExists(disk)).isFalse();
        assertThat(hypervisor.volumes(storage)).containsExactly(disk.volume());

        DomainSpec machine = plain.withDisks(List.of(disk));
        host.prepare(machine);
        assertThat(hypervisor.diskExists(disk)).isTrue();
        LibvirtSchema.assertValid(
                "domain", LiveHost.virsh("dumpxml", machine.machineId().toString()));
        Guest guest = Guest.startPrepared(host, machine).awaitBoot();
        guest.must("echo " + MARKER + " > /root/marker; sync");
        hypervisor.powerOff(machine.machineId());
        DiskSpec larger = new DiskSpec(disk.id(), disk.volume(), disk.machineId(), "vda", 2, storage, BASE, "");
        hypervisor.ensureDisk(larger, Progress.NONE);
        assertThat(hypervisor.diskBytes(larger)).isEqualTo(2 * GIB);
        hypervisor.start(machine.machineId());
        assertThat(guest.awaitBoot().must("cat /root/marker")).contains(MARKER);
        assertThat(run("grep", "-a", "-q", MARKER, device().toString()).succeeded())
                .isTrue();

        guest.remove();
        assertThat(hypervisor.volumes(storage)).isEmpty();
        must("sync");
        assertThat(run("grep", "-a", "-q", MARKER, device().toString()).succeeded())
                .isFalse();
        hypervisor.deleteDisk(disk, Progress.NONE);
    }

    private static String must(String... command) {
        HostCommand.Result result = run(command);
        assertThat(result.succeeded())
                .as("%s: %s", List.of(command), result.errors())
                .isTrue();
        return result.output();
    }

    private static HostCommand.Result run(String... command) {
        return HostCommand.of(command).timeout(Duration.ofMinutes(3)).run();
    }
}
