package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.berth.hypervisor.DiskSpec.BaseImage;
import dev.berth.testing.World;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
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

/** The {@code lvm} disk in a volume group on a loop device, where the kernel has device-mapper. */
@Tag("hypervisor")
@Tag("lab")
class LvmDiskLabTest {
    private static final long GIB = 1L << 30;
    private static final BaseImage BASE = new BaseImage(World.GUEST.toString(), "qcow2");
    private static final String MARKER = "marker-of-lvm";
    private static final UUID FIRST = UUID.randomUUID();
    private static final UUID SECOND = UUID.randomUUID();
    private static final UUID FULL = UUID.randomUUID();

    private LiveHost host;
    private Hypervisor hypervisor;
    private StorageSpec storage;
    private String group;
    private String loop = "";

    @BeforeEach
    void makeGroup() throws IOException {
        assumeTrue(Files.exists(Path.of("/dev/mapper/control")), "the kernel has no device-mapper");
        assumeTrue(
                Files.readString(Path.of("/proc/misc")).contains("device-mapper"), "the kernel has no device-mapper");
        assumeTrue(Files.exists(Path.of("/usr/sbin/lvcreate")), "lvm2 is not installed");
        host = new LiveHost();
        hypervisor = host.hypervisor;
        group = host.storage.slug() + "vg";
        storage = new StorageSpec(UUID.randomUUID(), host.storage.slug() + "lvm", "lvm", Map.of("group", group));
        assertThat(hypervisor.checkStorage(storage).problems())
                .singleElement()
                .asString()
                .contains("no volume group " + group);
        must("truncate", "-s", "3G", device().toString());
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
        assertThat(hypervisor.takeSnapshot(machine.machineId(), FIRST, machine.disks(), false))
                .as("the guest kept still")
                .isTrue();
        guest.must("echo later > /root/marker; sync");
        DiskSpec larger = larger(disk);
        hypervisor.powerOff(machine.machineId());
        hypervisor.revert(machine.machineId(), FIRST, machine.disks(), Progress.NONE);
        hypervisor.deleteSnapshot(machine.machineId(), FIRST, machine.disks());

        hypervisor.start(machine.machineId());
        assertThat(guest.awaitBoot().must("cat /root/marker")).contains(MARKER);
        hypervisor.ensureDisk(larger, Progress.NONE);
        hypervisor.attachDisk(larger);
        assertThat(hypervisor.diskBytes(larger)).isEqualTo(2 * GIB);
        assertThat(guest.must("cat /sys/block/vda/size").strip()).isEqualTo(Long.toString(2 * GIB / 512));
        assertThat(found(MARKER)).isTrue();

        guest.remove();
        assertThat(hypervisor.volumes(storage)).isEmpty();
        assertThat(found(MARKER)).isFalse();
        hypervisor.deleteDisk(disk, Progress.NONE);
    }

    @Test
    void keepsStatesOfItselfAndSaysWhenOneIsFull() throws IOException {
        DiskSpec disk = LiveHost.disk(UUID.randomUUID(), "vda", 1, storage, null);
        List<DiskSpec> disks = List.of(disk);
        UUID machine = disk.machineId();
        hypervisor.ensureDisk(disk, Progress.NONE);
        write(disk, 0, "state-of-one");
        write(disk, 700 << 20, "state-of-one");
        // What a worker that died while it took the first one left, before it was one.
        must("lvcreate", "--yes", "--size", "4m", "--name", snapshotName(disk, FIRST), group);
        hypervisor.takeSnapshot(machine, FIRST, disks, true);
        write(disk, 0, "state-of-two");
        hypervisor.takeSnapshot(machine, SECOND, disks, false);
        write(disk, 700 << 20, "state-of-three");
        assertThat(hypervisor.snapshotsFilled(storage)).containsOnlyKeys(FIRST, SECOND);
        assertThat(hypervisor.snapshotBytes(FIRST, disks)).isBetween(GIB / 10, GIB / 4);

        hypervisor.revert(machine, FIRST, disks, Progress.NONE);
        assertThat(List.of(read(disk, 0), read(disk, 700 << 20))).containsExactly("state-of-one", "state-of-one");
        hypervisor.revert(machine, SECOND, disks, Progress.NONE);
        assertThat(List.of(read(disk, 0), read(disk, 700 << 20))).containsExactly("state-of-two", "state-of-one");
        DiskSpec clone = LiveHost.disk(UUID.randomUUID(), "vda", 1, storage, null);
        hypervisor.copySnapshot(disk, FIRST, clone, Progress.NONE);
        assertThat(read(clone, 0)).isEqualTo("state-of-one");
        hypervisor.deleteDisk(clone, Progress.NONE);

        // And one that died while it deleted the first one.
        must("lvconvert", "--yes", "--splitsnapshot", group + '/' + snapshotName(disk, FIRST));
        hypervisor.deleteSnapshot(machine, FIRST, disks);
        hypervisor.deleteSnapshot(machine, FIRST, disks);
        assertThat(hypervisor.snapshotsFilled(storage)).containsOnlyKeys(SECOND);
        assertThatThrownBy(() -> hypervisor.revert(machine, FIRST, disks, Progress.NONE))
                .isInstanceOfSatisfying(HypervisorException.class, failure -> assertThat(failure.reason())
                        .isEqualTo(HypervisorException.Reason.MISSING));

        DiskSpec narrow =
                new DiskSpec(disk.id(), disk.volume(), machine, "vda", 1, withConfig("snapshotPercent", "2"), null, "");
        hypervisor.takeSnapshot(machine, FULL, List.of(narrow), false);
        int room = (int) hypervisor.snapshotBytes(FULL, disks);
        write(disk, 100 << 20, "x".repeat(room * 9 / 10));
        assertThat(hypervisor.snapshotsFilled(storage).get(FULL)).isBetween(80, 99);
        write(disk, 200 << 20, "x".repeat(room / 4));
        assertThat(hypervisor.snapshotsFilled(storage)).containsEntry(FULL, 100);
        assertThat(read(disk, 0)).as("the disk goes on").isEqualTo("state-of-two");
        assertThatThrownBy(() -> hypervisor.revert(machine, FULL, disks, Progress.NONE))
                .isInstanceOf(HypervisorException.class);
        hypervisor.deleteSnapshot(machine, FULL, disks);

        assertThat(found("state-of-")).isTrue();
        hypervisor.deleteDisk(disk, Progress.NONE);
        assertThat(must("lvs", "--noheadings", group).strip()).isEmpty();
        assertThat(found("state-of-")).isFalse();
    }

    @Test
    void neverShowsWhatOthersWrote() throws IOException {
        DiskSpec disk = LiveHost.disk(UUID.randomUUID(), "vda", 1, storage, null);
        must("lvcreate", "--yes", "--extents", "100%FREE", "--name", "other", group);
        Path other = Path.of("/dev", group, "other");
        for (long at = 0; at < 3 * GIB - (64 << 20); at += 16 << 20) {
            write(other, at, MARKER);
        }
        must("lvremove", "--yes", group + "/other");

        hypervisor.ensureDisk(disk, Progress.NONE);
        assertThat(QemuImg.isZero(bytes(disk), 0, GIB, Progress.NONE)).isTrue();
        // A worker that died between making it larger and making that zero.
        must("lvchange", "--addtag", "berth-unzeroed-" + GIB, bytes(disk).path());
        must("lvextend", "--size", "2g", bytes(disk).path());
        assertThat(QemuImg.isZero(bytes(disk), GIB, 2 * GIB, Progress.NONE)).isFalse();
        hypervisor.ensureDisk(larger(disk), Progress.NONE);
        assertThat(QemuImg.isZero(bytes(disk), GIB, 2 * GIB, Progress.NONE)).isTrue();
        assertThat(must("lvs", "--noheadings", "-o", "lv_tags", group).strip()).isEmpty();
        hypervisor.deleteDisk(disk, Progress.NONE);
    }

    private static DiskSpec larger(DiskSpec disk) {
        return new DiskSpec(disk.id(), disk.volume(), disk.machineId(), "vda", 2, disk.storage(), disk.base(), "");
    }

    private StorageSpec withConfig(String field, String value) {
        return new StorageSpec(storage.profileId(), storage.slug(), "lvm", Map.of("group", group, field, value));
    }

    private BlockSource bytes(DiskSpec disk) {
        return new BlockSource("raw", "/dev/" + group + "/berth-" + disk.volume());
    }

    private static String snapshotName(DiskSpec disk, UUID snapshot) {
        return ("berth-at-" + disk.volume() + '/' + snapshot)
                .replaceAll("(?<=[0-9a-f])-", "")
                .replace('/', '-');
    }

    private void write(DiskSpec disk, long at, String text) throws IOException {
        write(Path.of(bytes(disk).path()), at, text);
    }

    private static void write(Path device, long at, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE)) {
            ByteBuffer left = ByteBuffer.wrap((text + "\0".repeat(16)).getBytes(StandardCharsets.UTF_8));
            for (long position = at; left.hasRemaining(); ) {
                position += channel.write(left, position);
            }
            channel.force(true);
        }
    }

    private String read(DiskSpec disk, long at) throws IOException {
        try (FileChannel channel = FileChannel.open(Path.of(bytes(disk).path()))) {
            ByteBuffer text = ByteBuffer.allocate(16);
            channel.read(text, at);
            return new String(text.array(), StandardCharsets.UTF_8).replace("\0", "");
        }
    }

    private boolean found(String text) {
        must("sync");
        // Zeros end lines, or gigabytes of them would be one.
        int exitCode =
                run("grep", "-a", "-z", "-q", "-F", text, device().toString()).exitCode();
        assertThat(exitCode).as("grep's own trouble").isBetween(0, 1);
        return exitCode == 0;
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
