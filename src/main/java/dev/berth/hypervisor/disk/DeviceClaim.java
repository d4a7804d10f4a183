package dev.berth.hypervisor.disk;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A block device held for ourselves (open(2) with {@code O_EXCL}): until it is closed, nobody mounts it, swaps to it or
 * takes it into a volume group or an array, and no other worker holds it.
 */
final class DeviceClaim implements AutoCloseable {
    private static final int EXCLUSIVELY = 0x80;
    private static final int CLOSE_ON_EXEC = 0x80000;

    private interface LibC extends Library {
        int open(String path, int flags) throws LastErrorException;

        int close(int descriptor);
    }

    private static final LibC C = Native.load("c", LibC.class);

    private final int descriptor;

    private DeviceClaim(int descriptor) {
        this.descriptor = descriptor;
    }

    /** Empty when somebody else holds it. */
    static Optional<DeviceClaim> take(Path device) {
        try {
            return Optional.of(new DeviceClaim(C.open(device.toString(), EXCLUSIVELY | CLOSE_ON_EXEC)));
        } catch (LastErrorException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        C.close(descriptor);
    }
}
