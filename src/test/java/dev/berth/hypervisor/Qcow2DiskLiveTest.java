package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.hypervisor.DiskSpec.BaseImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The {@code qcow2} disk as libvirt and qemu-img have it. */
@Tag("hypervisor")
class Qcow2DiskLiveTest {
    private static final long GIB = 1L << 30;

    private LiveHost host;
    private Hypervisor hypervisor;
    private BaseImage base;

    @BeforeEach
    void connect() throws IOException {
        host = new LiveHost();
        hypervisor = host.hypervisor;
        hypervisor.ensureStorage(host.storage);
        hypervisor.ensureStorage(host.storage);
        Path image = host.directory.resolve("base.qcow2");
        qemuImg("create", "-q", "-f", "qcow2", image.toString(), "2G");
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("r--r--r--"));
        base = new BaseImage(image.toString(), "qcow2");
    }

    @AfterEach
    void disconnect() throws IOException {
        host.close();
    }

    @Test
    void isAnOverlayOnItsImage() throws IOException {
        DiskSpec disk = disk(3, base);
        assertThat(hypervisor.diskExists(disk)).isFalse();
        hypervisor.ensureDisk(disk, Progress.NONE);
        hypervisor.ensureDisk(disk, Progress.NONE);

        assertThat(hypervisor.diskExists(disk)).isTrue();
        String info = qemuImg("info", "-f", "qcow2", file(disk).toString());
        assertThat(info)
                .contains("3 GiB (" + 3 * GIB)
                .contains("backing file: " + base.path())
                .contains("backing file format: qcow2");
        assertThat(Files.getPosixFilePermissions(file(disk))).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(hypervisor.volumes(host.storage)).containsExactly(disk.volume());

        hypervisor.deleteDisk(disk, Progress.NONE);
        hypervisor.deleteDisk(disk, Progress.NONE);
        assertThat(file(disk)).doesNotExist();
        assertThat(Path.of(base.path())).exists();
    }

    @Test
    void poolAndVolumeAreValid() throws IOException {
        DiskSpec disk = disk(3, base);
        hypervisor.ensureDisk(disk, Progress.NONE);

        LibvirtSchema.assertValid("storagepool", LiveHost.virsh("pool-dumpxml", pool()));
        LibvirtSchema.assertValid(
                "storagevol",
                LiveHost.virsh(
                        "vol-dumpxml",
                        "--pool",
                        pool(),
                        file(disk).getFileName().toString()));
    }

    /** Nothing that Berth makes is deeper than one disk on one image; what somebody else puts there is refused. */
    @Test
    void standsOnNoImageThatStandsOnAnother() throws IOException {
        DiskSpec disk = disk(3, base);
        Path chained = file(disk).resolveSibling("chained.qcow2");
        qemuImg("create", "-q", "-f", "qcow2", "-b", base.path(), "-F", "qcow2", chained.toString());
        Files.setPosixFilePermissions(chained, PosixFilePermissions.fromString("rw-r--r--"));
        DiskSpec third = disk(3, new DiskSpec.BaseImage(chained.toString(), "qcow2"));
        assertThatThrownBy(() -> hypervisor.ensureDisk(third, Progress.NONE))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("stands on another file");
        assertThat(hypervisor.diskExists(third)).isFalse();
        Files.delete(chained);
    }

    @ParameterizedTest
    @ValueSource(strings = {"empty", "without a size", "without its image", "cut off"})
    void makesAHalfMadeDiskAgain(String state) throws IOException {
        DiskSpec disk = disk(3, base);
        Path file = file(disk);
        switch (state) {
            case "empty" -> Files.createFile(file);
            case "without a size" -> qemuImg("create", "-q", "-f", "qcow2", file.toString(), "0");
            case "without its image" -> qemuImg("create", "-q", "-f", "qcow2", file.toString(), "3G");
            default -> Files.write(file, new byte[] {'Q', 'F', 'I', (byte) 0xFB, 0, 0, 0, 3});
        }
        LiveHost.virsh("pool-refresh", pool());
        assertThat(hypervisor.diskExists(disk)).isFalse();

        hypervisor.ensureDisk(disk, Progress.NONE);

        assertThat(hypervisor.diskExists(disk)).isTrue();
        assertThat(qemuImg("info", file.toString())).contains("3 GiB (" + 3 * GIB, "backing file: " + base.path());
    }

    @Test
    void takesADiskThatLibvirtHasNotSeen() {
        DiskSpec disk = disk(3, base);
        qemuImg(
                "create",
                "-q",
                "-f",
                "qcow2",
                "-b",
                base.path(),
                "-F",
                "qcow2",
                file(disk).toString(),
                "3G");

        hypervisor.ensureDisk(disk, Progress.NONE);

        assertThat(hypervisor.diskExists(disk)).isTrue();
    }

    @Test
    void noticesAFileThatSomebodyDeleted() throws IOException {
        DiskSpec disk = disk(3, base);
        hypervisor.ensureDisk(disk, Progress.NONE);
        Files.delete(file(disk));

        assertThat(hypervisor.diskExists(disk)).isFalse();
        hypervisor.ensureDisk(disk, Progress.NONE);
        assertThat(hypervisor.diskExists(disk)).isTrue();
        Files.delete(file(disk));
        hypervisor.deleteDisk(disk, Progress.NONE);
        assertThat(hypervisor.volumes(host.storage)).isEmpty();
    }

    @Test
    void leavesAFileThatHoldsSomethingAlone() throws IOException {
        DiskSpec disk = disk(3, base);
        byte[] content = new byte[3 << 20];
        java.util.Arrays.fill(content, (byte) 7);
        Files.write(file(disk), content);
        LiveHost.virsh("pool-refresh", pool());

        assertThatThrownBy(() -> hypervisor.ensureDisk(disk, Progress.NONE)).hasMessageContaining("no disk of ours");
        assertThat(Files.readAllBytes(file(disk))).isEqualTo(content);
    }

    @Test
    void growsButNeverShrinks() {
        DiskSpec disk = disk(3, base);
        hypervisor.ensureDisk(disk, Progress.NONE);
        hypervisor.ensureDisk(
                new DiskSpec(disk.id(), disk.volume(), disk.machineId(), "vda", 5, host.storage, base, ""),
                Progress.NONE);
        assertThat(qemuImg("info", file(disk).toString())).contains("5 GiB");
        hypervisor.ensureDisk(disk, Progress.NONE);
        assertThat(qemuImg("info", file(disk).toString())).contains("5 GiB");
    }

    @Test
    void refusesADiskThatItsImageDoesNotFitIn() {
        assertThatThrownBy(() -> hypervisor.ensureDisk(disk(1, base), Progress.NONE))
                .hasMessageContaining("smaller than the image");
    }

    @Test
    void tellsWhenTheImageIsNotThere() throws IOException {
        assertThatThrownBy(
                        () -> hypervisor.ensureDisk(disk(3, new BaseImage(base.path() + "x", "qcow2")), Progress.NONE))
                .isInstanceOfSatisfying(HypervisorException.class, failure -> assertThat(failure.reason())
                        .isEqualTo(HypervisorException.Reason.MISSING));
        Files.setPosixFilePermissions(Path.of(base.path()), PosixFilePermissions.fromString("r--------"));
        assertThatThrownBy(() -> hypervisor.ensureDisk(disk(3, base), Progress.NONE))
                .hasMessageContaining("may not read");
    }

    @Test
    void refusesADirectoryThatIsTakenOrClosed() throws IOException {
        assertThat(hypervisor.checkStorage(host.storage).problems()).isEmpty();
        StorageSpec taken =
                new StorageSpec(UUID.randomUUID(), host.storage.slug() + "x", "qcow2", host.storage.config());
        assertThat(hypervisor.checkStorage(taken).problems())
                .hasSize(1)
                .first()
                .asString()
                .contains(pool());
        assertThatThrownBy(() -> hypervisor.ensureStorage(taken)).hasMessageContaining("Choose another directory");

        Path closed = Files.createDirectory(
                host.directory.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        StorageSpec unreachable = new StorageSpec(
                UUID.randomUUID(), host.storage.slug() + "x", "qcow2", Map.of("path", closed + "/disks"));
        assertThat(hypervisor.checkStorage(unreachable).problems())
                .hasSize(1)
                .first()
                .asString()
                .contains("chmod o+x");
    }

    @Test
    void refusesToMoveTheProfilesDirectory() {
        StorageSpec moved = new StorageSpec(
                host.storage.profileId(), host.storage.slug(), "qcow2", Map.of("path", host.directory + "/elsewhere"));
        assertThatThrownBy(() -> hypervisor.ensureStorage(moved)).hasMessageContaining("another directory");
    }

    private DiskSpec disk(long sizeGib, BaseImage image) {
        return LiveHost.disk(UUID.randomUUID(), "vda", sizeGib, host.storage, image);
    }

    private Path file(DiskSpec disk) {
        return host.directory.resolve("disks").resolve(disk.volume() + ".qcow2");
    }

    private String pool() {
        return "berth-" + host.storage.slug();
    }

    private static String qemuImg(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "qemu-img";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        HostCommand.Result result = HostCommand.of(command).run();
        assertThat(result.succeeded()).as(result.errors()).isTrue();
        return result.output();
    }
}
