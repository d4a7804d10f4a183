package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A directory as nobody can write to it: a bind mount that is read-only. For programs that can't be told so themselves,
 * as virtiofsd can't before its version 1.13. It lies where a restart of the host takes it away, so that there is nothing
 * at its place rather than a directory that can be written to.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html">proc_pid_mountinfo(5)</a>
 */
final class ReadOnlyView {
    static final Path ALL = Path.of("/run/berth-shares");
    private static final int MOUNT_POINT = 4;
    private static final int OPTIONS = 5;

    private ReadOnlyView() {}

    /** Whether the host's other programs see what is mounted here. */
    static boolean possible() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/ns/mnt"))
                    .equals(Files.readSymbolicLink(Path.of("/proc/1/ns/mnt")));
        } catch (IOException e) {
            return !hearsOfAnother();
        }
    }

    /** Where nobody may ask: a namespace that was made for a service is told of the host's mounts, and not the reverse. */
    private static boolean hearsOfAnother() {
        try {
            return mounts().stream()
                    .filter(mount -> mount[MOUNT_POINT].equals("/"))
                    .flatMap(Arrays::stream)
                    .anyMatch(field -> field.startsWith("master:"));
        } catch (IOException e) {
            return true;
        }
    }

    /** Makes the view show the directory, and nothing else. Machines of one team may start at once. */
    static synchronized void ensure(Path directory, Path view) {
        try {
            Optional<String> options = mounted(view);
            if (options.isPresent() && same(directory, view) && readOnly(options.get())) {
                return;
            }
            if (options.isPresent()) {
                run("umount", "--lazy", view.toString());
            }
            Files.createDirectories(view);
            run("mount", "--bind", "-o", "ro,nosuid,nodev", directory.toString(), view.toString());
            if (!mounted(view).map(ReadOnlyView::readOnly).orElse(false)) {
                run("umount", "--lazy", view.toString());
                throw new HypervisorException(
                        Reason.FAILED,
                        "The host does not mount " + directory + " read-only. An admin has to look at it.");
            }
        } catch (IOException e) {
            throw new HypervisorException(Reason.FAILED, "The host can't prepare " + view + ".", e);
        }
    }

    /** Takes away the view, and those below it. */
    static synchronized void remove(Path view) {
        try {
            if (!Files.isDirectory(view, LinkOption.NOFOLLOW_LINKS)) {
                return;
            }
            for (String[] mount : mounts()) {
                if (Path.of(mount[MOUNT_POINT]).startsWith(view)) {
                    run("umount", "--lazy", mount[MOUNT_POINT]);
                }
            }
            try (var below = Files.list(view)) {
                for (Path each : below.toList()) {
                    Files.delete(each);
                }
            }
            Files.delete(view);
        } catch (IOException e) {
            throw new HypervisorException(Reason.FAILED, "The host can't take away " + view + ".", e);
        }
    }

    private static boolean same(Path directory, Path view) throws IOException {
        for (String attribute : List.of("unix:dev", "unix:ino")) {
            if (!Files.getAttribute(directory, attribute, LinkOption.NOFOLLOW_LINKS)
                    .equals(Files.getAttribute(view, attribute, LinkOption.NOFOLLOW_LINKS))) {
                return false;
            }
        }
        return true;
    }

    private static boolean readOnly(String options) {
        return Arrays.asList(options.split(",")).contains("ro");
    }

    /** How it is mounted; the last mount at a place is the one that is seen. */
    private static Optional<String> mounted(Path view) throws IOException {
        return mounts().stream()
                .filter(mount -> mount[MOUNT_POINT].equals(view.toString()))
                .map(mount -> mount[OPTIONS])
                .reduce((first, last) -> last);
    }

    private static List<String[]> mounts() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .map(line -> line.split(" "))
                .toList();
    }

    private static void run(String... command) {
        HostCommand.Result result = HostCommand.of(command).run();
        if (!result.succeeded()) {
            throw new HypervisorException(
                    Reason.FAILED,
                    "The host refused to " + command[0] + " a shared directory: "
                            + result.errors().strip());
        }
    }
}
