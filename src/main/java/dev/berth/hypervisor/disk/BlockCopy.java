package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.Progress;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Makes a block device hold what another holds. */
final class BlockCopy {
    /** What is compared and written at once: no more than LVM copies at once for a snapshot. */
    private static final int GRAIN = 4096;

    private static final int PIECE = 4 << 20;

    private BlockCopy() {}

    /**
     * Writes only what differs, so that nothing more is copied for snapshots of the target. Begun anew it does the rest.
     *
     * @param bytes the size of both, whole {@link #GRAIN}s
     */
    static void differing(Path from, Path to, long bytes, Progress progress) {
        try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ);
                FileChannel target = FileChannel.open(to, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer wanted = ByteBuffer.allocateDirect(PIECE);
            ByteBuffer found = ByteBuffer.allocateDirect(PIECE);
            for (long at = 0; at < bytes; at += PIECE) {
                int length = (int) Math.min(PIECE, bytes - at);
                read(source, wanted, at, length);
                read(target, found, at, length);
                writeDiffering(wanted, found, target, at, length);
                progress.at(at + length, bytes);
            }
            target.force(true);
        } catch (IOException e) {
            throw new HypervisorException(Reason.FAILED, "The host could not copy the disk: " + e.getMessage(), e);
        }
    }

    private static void writeDiffering(ByteBuffer wanted, ByteBuffer found, FileChannel target, long at, int length)
            throws IOException {
        for (int grain = 0; grain < length; grain += GRAIN) {
            int size = Math.min(GRAIN, length - grain);
            ByteBuffer part = wanted.slice(grain, size);
            if (!part.equals(found.slice(grain, size))) {
                for (long position = at + grain; part.hasRemaining(); ) {
                    position += target.write(part, position);
                }
            }
        }
    }

    private static void read(FileChannel channel, ByteBuffer buffer, long at, int length) throws IOException {
        buffer.clear().limit(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                throw new EOFException("it ends early");
            }
        }
    }
}
