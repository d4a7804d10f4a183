package dev.berth.hypervisor;

import dev.berth.hypervisor.BootSpec.BootFile;
import dev.berth.hypervisor.HypervisorException.Reason;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Kernels and initial RAM disks that machines start from: a copy for each machine, since libvirt gives QEMU's user what
 * it starts from, and an escaped guest could change what others start from. A copy bears its digest in its name and takes
 * that name only when it was read again and found to be what was imported.
 */
final class BootFiles {
    private static final Logger LOG = Logger.getLogger(BootFiles.class);
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern COPY =
            Pattern.compile("([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\.[0-9a-f]{64}(?:\\.part)?");

    private final WorkerDirectory directory;

    BootFiles(WorkerDirectory directory) {
        this.directory = directory;
    }

    /** Where the machine's own copy of the file is. */
    Path path(UUID machineId, BootFile file) {
        if (!DIGEST.matcher(file.sha256()).matches()) {
            throw new HypervisorException(Reason.REJECTED, "What the machine starts from was never checked.");
        }
        return directory.boot().resolve(machineId + "." + file.sha256());
    }

    /** Copies what the machine starts from, where that is not done yet. */
    void ensure(UUID machineId, BootSpec boot) {
        if (boot.kernel() != null) {
            ensure(machineId, boot.kernel());
        }
        if (boot.initrd() != null) {
            ensure(machineId, boot.initrd());
        }
    }

    private void ensure(UUID machineId, BootFile file) {
        Path copy = path(machineId, file);
        if (Files.isRegularFile(copy, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Path part = copy.resolveSibling(copy.getFileName() + ".part");
        try {
            Files.deleteIfExists(part);
            HostCommand.Result result = HostCommand.of(
                            "cp", "--reflink=auto", "--no-dereference", "--", file.path(), part.toString())
                    .dyingWithUs()
                    .timeout(PATIENCE)
                    .run();
            if (!result.succeeded() || !Files.isRegularFile(part, LinkOption.NOFOLLOW_LINKS)) {
                throw new HypervisorException(
                        Reason.MISSING,
                        "What the machine starts from could not be copied from the image library. Is it there, and does"
                                + " the host have room?");
            }
            if (!ImageFiles.digest(part).equals(file.sha256())) {
                throw new HypervisorException(
                        Reason.REJECTED,
                        "The file in the image library that the machine starts from is not what was imported. Nothing"
                                + " starts from it until an admin has put it right.");
            }
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("r--------"));
            Files.move(part, copy, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failed(machineId, e);
        } finally {
            deleteQuietly(part);
        }
    }

    void delete(UUID machineId) {
        try (DirectoryStream<Path> copies = Files.newDirectoryStream(directory.boot(), machineId + ".*")) {
            for (Path copy : copies) {
                Files.deleteIfExists(copy);
            }
        } catch (IOException e) {
            throw failed(machineId, e);
        }
    }

    /** The machines that have one, whole or not. */
    Set<UUID> machines() {
        Set<UUID> machines = new HashSet<>();
        try (DirectoryStream<Path> copies = Files.newDirectoryStream(directory.boot())) {
            for (Path copy : copies) {
                Matcher name = COPY.matcher(copy.getFileName().toString());
                if (name.matches()) {
                    machines.add(UUID.fromString(name.group(1)));
                }
            }
            return machines;
        } catch (IOException e) {
            throw new HypervisorException(Reason.FAILED, "The worker can't read its own directory.", e);
        }
    }

    private static HypervisorException failed(UUID machineId, IOException e) {
        LOG.errorf(e, "What %s starts from could not be put in its place", machineId);
        return new HypervisorException(
                Reason.FAILED, "The worker can't write its own directory. Is the host's disk full?", e);
    }

    private static void deleteQuietly(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            LOG.warnf("Left over: %s (%s)", part, e.getMessage());
        }
    }
}
