package dev.berth.hypervisor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * The header of a qcow2 file, after QEMU's docs/interop/qcow2.txt, read without help: a program that opens an image to
 * look at it may already follow what the image points at.
 */
public record Qcow2Header(
        int version,
        boolean hasBackingFile,
        long virtualSizeBytes,
        boolean encrypted,
        int snapshots,
        long incompatibleFeatures,
        boolean namesDataFile) {
    static final int MAGIC = 0x514649FB;
    static final long DIRTY = 1;
    static final long CORRUPT = 2;
    static final long EXTERNAL_DATA = 4;

    private static final int VERSION_2_BYTES = 72;
    private static final int VERSION_3_BYTES = 104;
    private static final int LONGEST_HEADER = 1 << 16;
    private static final int END_OF_EXTENSIONS = 0;
    private static final int DATA_FILE_EXTENSION = 0x44415441;

    /** The header, or empty if the file does not begin with one. */
    public static Optional<Qcow2Header> read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer start = ByteBuffer.allocate((int) Math.min(channel.size(), LONGEST_HEADER));
            while (start.hasRemaining() && channel.read(start) >= 0) {
                // until the buffer is full or the file ends
            }
            return parse(start.flip());
        }
    }

    private static Optional<Qcow2Header> parse(ByteBuffer start) {
        if (start.limit() < VERSION_2_BYTES || start.getInt(0) != MAGIC) {
            return Optional.empty();
        }
        int version = start.getInt(4);
        boolean extended = version >= 3 && start.limit() >= VERSION_3_BYTES;
        return Optional.of(new Qcow2Header(
                version,
                start.getLong(8) != 0,
                start.getLong(24),
                start.getInt(32) != 0,
                start.getInt(60),
                extended ? start.getLong(72) : 0,
                namesDataFile(start, extended ? start.getInt(100) : VERSION_2_BYTES)));
    }

    private static boolean namesDataFile(ByteBuffer start, int headerLength) {
        long position = Integer.toUnsignedLong(headerLength);
        while (position + 8 <= start.limit()) {
            int type = start.getInt((int) position);
            long length = Integer.toUnsignedLong(start.getInt((int) position + 4));
            if (type == END_OF_EXTENSIONS) {
                return false;
            }
            if (type == DATA_FILE_EXTENSION) {
                return true;
            }
            position += 8 + (length + 7) / 8 * 8;
        }
        return false;
    }

    boolean has(long incompatibleFeature) {
        return (incompatibleFeatures & incompatibleFeature) != 0;
    }
}
