package dev.berth.hypervisor;

import dev.berth.hypervisor.HypervisorException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Where a worker keeps what it makes itself for its hosts' machines: seeds, what they start from beside a
 * disk, and the sockets of their VNC servers.
 */
final class WorkerDirectory {
    private static final Logger LOG = Logger.getLogger(WorkerDirectory.class);

    /** struct sockaddr_un's sun_path takes 108 bytes with its end. */
    private static final int LONGEST_SOCKET_PATH = 107;

    /** The group follows the directory's, so that QEMU's sockets are open to it (QEMU runs with umask 002). */
    private static final int SHARED_WITH_QEMU = 02770;

    private final Path root;

    WorkerDirectory(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    Path seeds() {
        return root.resolve("seeds");
    }

    Path boot() {
        return root.resolve("boot");
    }

    Path vncSocket(UUID machineId) {
        return root.resolve("vnc").resolve(machineId + ".sock");
    }

    /**
     * Makes the directories.
     *
     * @param qemuGroup the number of the group that QEMU runs with, or -1 where libvirt names none
     */
    void prepare(int qemuGroup) {
        int length = vncSocket(new UUID(0, 0)).toString().length();
        if (length > LONGEST_SOCKET_PATH) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "The worker's directory has too long a path for a socket in it. Choose a shorter.");
        }
        try {
            create(root, "rwx--x--x");
            create(seeds(), "rwx--x--x");
            create(boot(), "rwx--x--x");
            Path vnc = root.resolve("vnc");
            create(vnc, "rwxrwx---");
            if (qemuGroup >= 0 && !Integer.valueOf(qemuGroup).equals(Files.getAttribute(vnc, "unix:gid"))) {
                Files.setAttribute(vnc, "unix:gid", qemuGroup);
            }
            Files.setAttribute(vnc, "unix:mode", SHARED_WITH_QEMU);
        } catch (IOException e) {
            LOG.error("The worker's directory could not be prepared", e);
            throw new HypervisorException(
                    Reason.FAILED,
                    "The worker can't prepare its directory. Check that it may write there and belongs to QEMU's group.",
                    e);
        }
    }

    private static void create(Path directory, String permissions) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(permissions));
        }
    }
}
