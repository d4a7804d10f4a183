package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.hypervisor.DiskSpec.BaseImage;
import dev.berth.testing.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The {@code raw} disk: a copy of its image that a guest boots from and writes to. */
@Tag("hypervisor")
class RawDiskLiveTest {
    private static final long GIB = 1L << 30;
    private static final BaseImage BASE = new BaseImage(World.GUEST.toString(), "qcow2");

    private LiveHost host;
    private Hypervisor hypervisor;
    private StorageSpec storage;

    @BeforeEach
    void connect() throws IOException {
        host = new LiveHost();
        hypervisor = host.hypervisor;
        storage = storage("sparse");
    }

    @AfterEach
    void disconnect() throws IOException {
        hypervisor.removeStorage(storage);
        host.close();
    }

    private StorageSpec storage(String space) {
        return new StorageSpec(
                UUID.randomUUID(),
                host.storage.slug() + "raw",
                "raw",
                Map.of("path", host.directory + "/raw", "space", space));
    }

    @Test
    void isACopyOfItsImage() throws IOException {
        hypervisor.ensureStorage(storage);
        DiskSpec disk = LiveHost.disk(UUID.randomUUID(), "vda", 2, storage, BASE);
        long[] last = new long[1];
        hypervisor.ensureDisk(disk, (done, total) -> last[0] = done);

        assertThat(last[0]).isPositive();
        assertThat(Files.size(file(disk))).isEqualTo(2 * GIB);
        assertThat(allocated(file(disk))).isLessThan(GIB);
        assertThat(comparison(disk)).contains("Images are identical");
        assertThat(hypervisor.volumes(storage)).containsExactly(disk.volume());

        hypervisor.deleteDisk(disk, Progress.NONE);
        hypervisor.deleteDisk(disk, Progress.NONE);
        assertThat(hypervisor.volumes(storage)).isEmpty();
    }

    @Test
    void isMadeAgainWhenItWasHalfMade() throws IOException {
        hypervisor.ensureStorage(storage);
        DiskSpec disk = LiveHost.disk(UUID.randomUUID(), "vda", 2, storage, BASE);
        RuntimeException stop = new RuntimeException("stop");
        assertThatThrownBy(() -> hypervisor.ensureDisk(disk, (done, total) -> {
                    throw stop;
                }))
                .isSameAs(stop);
        assertThat(hypervisor.diskExists(disk)).isFalse();

        hypervisor.ensureDisk(disk, Progress.NONE);

        assertThat(comparison(disk)).contains("Images are identical");
        try (var files = Files.list(host.directory.resolve("raw"))) {
            assertThat(files).containsExactly(file(disk));
        }
    }

    @Test
    void takesAllItsSpaceWhenTheProfileSaysSo() throws IOException {
        storage = storage("preallocated");
        hypervisor.ensureStorage(storage);
        DiskSpec disk = LiveHost.disk(UUID.randomUUID(), "vda", 1, storage, BASE);
        hypervisor.ensureDisk(disk, Progress.NONE);
        assertThat(allocated(file(disk))).isGreaterThanOrEqualTo(GIB);

        DiskSpec larger = new DiskSpec(disk.id(), disk.volume(), disk.machineId(), "vda", 2, storage, BASE, "");
        hypervisor.ensureDisk(larger, Progress.NONE);
        assertThat(allocated(file(disk))).isGreaterThanOrEqualTo(2 * GIB);
    }

    /** From an overlay to raw and back to a qcow2 file that stands alone, each larger than the last. */
    @Test
    void takesWhatAnotherDiskHolds() throws IOException {
        hypervisor.ensureStorage(storage);
        hypervisor.ensureStorage(host.storage);
        DiskSpec overlay = LiveHost.disk(UUID.randomUUID(), "vda", 1, host.storage, BASE);
        hypervisor.ensureDisk(overlay, Progress.NONE);
        HostCommand.of(
                        "qemu-io",
                        "-f",
                        "qcow2",
                        "-c",
                        "write -P 7 1000M 5M",
                        qcow2(overlay).toString())
                .run();
        DiskSpec raw = LiveHost.disk(UUID.randomUUID(), "vda", 2, storage, null);
        RuntimeException stop = new RuntimeException("stop");
        assertThatThrownBy(() -> hypervisor.fillDisk(raw, overlay, (done, total) -> {
                    throw stop;
                }))
                .isSameAs(stop);
        assertThat(hypervisor.diskExists(raw)).isFalse();

        hypervisor.fillDisk(raw, overlay, Progress.NONE);
        String digest = hypervisor.verifyDisk(raw, overlay, Progress.NONE);
        assertThat(Files.size(file(raw))).isEqualTo(2 * GIB);
        assertThat(digest)
                .isEqualTo(HostCommand.of("sh", "-c", "head -c " + GIB + " " + file(raw) + " | sha256sum")
                        .timeout(java.time.Duration.ofMinutes(1))
                        .run()
                        .output()
                        .substring(0, 64));

        DiskSpec alone = LiveHost.disk(UUID.randomUUID(), "vda", 3, host.storage, null);
        hypervisor.fillDisk(alone, raw, Progress.NONE);
        hypervisor.fillDisk(alone, raw, Progress.NONE);
        hypervisor.verifyDisk(alone, raw, Progress.NONE);
        assertThat(hypervisor.diskExists(alone)).isTrue();
        assertThat(hypervisor.diskBytes(alone)).isEqualTo(3 * GIB);
        assertThat(QemuImg.info(new BlockSource("qcow2", qcow2(alone).toString()))
                        .has("backing-filename"))
                .isFalse();

        HostCommand.of(
                        "qemu-io",
                        "-f",
                        "qcow2",
                        "-c",
                        "write -P 7 2500M 1M",
                        qcow2(alone).toString())
                .run();
        assertThatThrownBy(() -> hypervisor.verifyDisk(alone, raw, Progress.NONE))
                .hasMessageContaining("not what the disk is");
        assertThatThrownBy(() -> hypervisor.fillDisk(
                        LiveHost.disk(UUID.randomUUID(), "vda", 1, storage, null), alone, Progress.NONE))
                .hasMessageContaining("smaller");
        hypervisor.deleteDisk(alone, Progress.NONE);
        hypervisor.deleteDisk(overlay, Progress.NONE);
        hypervisor.deleteDisk(raw, Progress.NONE);
        assertThat(hypervisor.volumes(host.storage)).isEmpty();
    }

    private Path qcow2(DiskSpec disk) {
        return host.directory.resolve("disks").resolve(disk.volume() + ".qcow2");
    }

    @Test
    void aGuestKeepsWhatItWrites() throws IOException {
        DomainSpec plain =
                host.machine("raw-1", BASE, LiveHost.nic(host.network, 0, UUID.randomUUID(), host.subnet + ".20"));
        DomainSpec machine =
                plain.withDisks(java.util.List.of(LiveHost.disk(plain.machineId(), "vda", 1, storage, BASE)));
        hypervisor.ensureStorage(storage);
        host.prepare(machine);
        LibvirtSchema.assertValid(
                "domain", LiveHost.virsh("dumpxml", plain.machineId().toString()));
        Guest guest = Guest.startPrepared(host, machine).awaitBoot();
        guest.must("echo marker-of-raw > /root/marker; sync");
        hypervisor.powerOff(machine.machineId());
        hypervisor.start(machine.machineId());
        assertThat(guest.awaitBoot().must("cat /root/marker")).contains("marker-of-raw");
        guest.remove();
    }

    private Path file(DiskSpec disk) {
        return host.directory.resolve("raw").resolve(disk.volume() + ".raw");
    }

    private static long allocated(Path file) {
        return Long.parseLong(HostCommand.of("stat", "-c", "%b", file.toString())
                        .run()
                        .output()
                        .strip())
                * 512;
    }

    private String comparison(DiskSpec disk) {
        return HostCommand.of(
                        "qemu-img",
                        "compare",
                        "-f",
                        "qcow2",
                        "-F",
                        "raw",
                        World.GUEST.toString(),
                        file(disk).toString())
                .timeout(java.time.Duration.ofMinutes(1))
                .run()
                .output();
    }
}
