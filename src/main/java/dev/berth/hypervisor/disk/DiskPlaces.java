package dev.berth.hypervisor.disk;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where on a host's file systems a directory of disks would lie well. */
public final class DiskPlaces {
    private static final List<String> NOT_BELOW =
            List.of("/boot", "/dev", "/etc", "/proc", "/run", "/snap", "/sys", "/tmp", "/usr");

    private DiskPlaces() {}

    /** The directory on the file system that is mounted there, or empty when disks have no business on it. */
    public static Optional<String> on(String mountPoint) {
        if (mountPoint.equals("/")) {
            return Optional.of("/var/lib/berth/disks");
        }
        boolean unfit = NOT_BELOW.stream().anyMatch(top -> mountPoint.equals(top) || mountPoint.startsWith(top + '/'));
        String path = mountPoint + "/berth-disks";
        return unfit
                        || !DirectoryPool.problems(Map.of(DirectoryPool.PATH, path))
                                .isEmpty()
                ? Optional.empty()
                : Optional.of(path);
    }
}
