package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.LongStream;

/** Takes what a device holds off it. The caller has claimed it. */
final class DeviceWipe {
    static final long MEBIBYTE = 1L << 20;
    private static final long PIECE = 256 * MEBIBYTE;
    private static final int BLOCK = 4096;
    private static final int SAMPLES = 256;
    private static final Duration LONG = Duration.ofHours(24);

    private DeviceWipe() {}

    /**
     * Gives all of its blocks back to the storage where that can be, writes zeros over it, since giving back promises
     * nothing about what is read afterwards, and proves it by reading.
     */
    static void wipe(BlockDevice device, String host, Progress progress) {
        HostCommand.of("blkdiscard", "--force", device.real().toString())
                .dyingWithUs()
                .timeout(LONG)
                .run();
        zero(device, 0, device.bytes(), progress);
        HostCommand.of("blockdev", "--flushbufs", device.real().toString())
                .timeout(LONG)
                .run();
        if (!holdsNothing(device)) {
            throw new HypervisorException(
                    Reason.FAILED,
                    "The device " + device.path() + " on host " + host
                            + " still holds data after it was wiped. Have somebody look at the device itself.");
        }
    }

    /** Writes zeros over a part. @param from a whole number of mebibytes */
    static void zero(BlockDevice device, long from, long to, Progress progress) {
        for (long at = from; at < to; at += PIECE) {
            progress.at(at - from, to - from);
            HostCommand.Result result = HostCommand.of(
                            "blkdiscard",
                            "--force",
                            "--zeroout",
                            "--offset",
                            Long.toString(at),
                            "--length",
                            Long.toString(Math.min(PIECE, to - at)),
                            device.real().toString())
                    .dyingWithUs()
                    .timeout(LONG)
                    .run();
            if (!result.succeeded()) {
                throw new HypervisorException(
                        Reason.FAILED,
                        "The device " + device.path() + " could not be written over: "
                                + result.errors().strip());
            }
        }
        progress.at(to - from, to - from);
    }

    /** Whether its first, its last and some hundred blocks in between are zero. */
    static boolean holdsNothing(BlockDevice device) {
        long blocks = device.bytes() / BLOCK;
        if (blocks == 0) {
            return true;
        }
        LongStream chosen = LongStream.concat(
                LongStream.of(0, blocks - 1),
                ThreadLocalRandom.current().longs(SAMPLES, 0, blocks).sorted());
        byte[] nothing = new byte[BLOCK];
        try (FileChannel channel = FileChannel.open(device.real(), StandardOpenOption.READ)) {
            return chosen.allMatch(block -> Arrays.equals(read(channel, block * BLOCK), nothing));
        } catch (IOException e) {
            throw unreadable(device, e);
        } catch (java.io.UncheckedIOException e) {
            throw unreadable(device, e.getCause());
        }
    }

    private static byte[] read(FileChannel channel, long position) {
        ByteBuffer buffer = ByteBuffer.allocate(BLOCK);
        try {
            while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) >= 0) {
                // until the block is full
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return buffer.array();
    }

    private static HypervisorException unreadable(BlockDevice device, IOException e) {
        return new HypervisorException(Reason.FAILED, "The device " + device.path() + " can't be read.", e);
    }
}
