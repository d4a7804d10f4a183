package dev.berth.hypervisor.disk;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * Directories of the host that may be handed to programs of root's. No part of their path is a symbolic link, and nobody
 * but root can make it one: what was looked at stays what it is.
 */
final class HostDirectory {
    private static final int TYPE_OF_FILE = 0170000;
    private static final int LINK = 0120000;
    private static final int DIRECTORY = 0040000;
    private static final int STICKY = 01000;
    private static final int OTHERS_WRITE = 0022;
    private static final int OTHERS_PASS = 0001;

    private HostDirectory() {}

    /** What is wrong with it, a sentence; empty when nothing is. */
    static Optional<String> problem(Path directory, String host) {
        try {
            Path at = directory.getRoot();
            for (Path name : directory) {
                Optional<String> open = openToOthers(at, host);
                Path next = at.resolve(name);
                int mode = mode(next);
                if ((mode & TYPE_OF_FILE) == LINK) {
                    return Optional.of(next + " on host " + host
                            + " is a symbolic link. Name the directory itself that it leads to.");
                }
                if ((mode & TYPE_OF_FILE) != DIRECTORY) {
                    return Optional.of(next + " on host " + host + " is no directory. Choose a directory.");
                }
                if (open.isPresent() && !((mode(at) & STICKY) != 0 && ours(next))) {
                    return open;
                }
                at = next;
            }
            return Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.of("There is no directory " + e.getFile() + " on host " + host
                    + ". Make it there, or choose another in the storage profile.");
        } catch (IOException e) {
            return Optional.of("The directory " + directory + " on host " + host + " can't be looked at.");
        }
    }

    /** Whether others than root could put something else in the place of what is in the directory. */
    static Optional<String> openToOthers(Path directory, String host) throws IOException {
        return ours(directory) && (mode(directory) & OTHERS_WRITE) == 0
                ? Optional.empty()
                : Optional.of("Others than root can replace what is in " + directory + " on host " + host
                        + ". Have it belong to root, and take the right to write from others (\"chmod go-w\").");
    }

    /** Whether every user of the host gets into it. */
    static boolean everybodyPasses(Path directory) {
        try {
            for (Path each = directory; each != null; each = each.getParent()) {
                if ((mode(each) & OTHERS_PASS) == 0) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Makes it in a directory that is {@link #openToOthers} no way; one that is there stays as it is. */
    static void make(Path directory, String permissions) throws IOException {
        try {
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
        } catch (FileAlreadyExistsException e) {
            // Whatever it is, it is looked at before it is shared.
        }
    }

    /** Gives a directory of root's to somebody else; a link is not followed. */
    static void give(Path directory, int uid, int gid) throws IOException {
        if (ours(directory)) {
            Files.setAttribute(directory, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(directory, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        }
    }

    private static boolean ours(Path path) throws IOException {
        int owner = (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        return owner == 0 || owner == (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    private static int mode(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    }
}
