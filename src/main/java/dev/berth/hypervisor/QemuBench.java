package dev.berth.hypervisor;

import dev.berth.hypervisor.HypervisorException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How fast a disk is, by {@code qemu-img bench}: through QEMU's own block layer, as machines have it, and past the host's
 * cache. It writes to the first {@value #MEBIBYTES} MiB of the disk and to nothing else.
 */
public final class QemuBench {
    /** What is written and read. */
    public static final int MEBIBYTES = 128;

    private static final long MEBIBYTE = 1L << 20;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pattern SECONDS = Pattern.compile("Run completed in (\\d+\\.\\d+) seconds");
    private static final long SMALL_BYTES = 4096;
    /** Apart, so that no two small pieces make a larger one. */
    private static final long SMALL_STEP = 17 * SMALL_BYTES;

    private static final int SMALL_COUNT = (int) (MEBIBYTES * MEBIBYTE / SMALL_STEP);

    private QemuBench() {}

    /** One kind of work. @param depth how much of it is under way at once */
    private record Work(boolean write, int count, int depth, long bytes, long step) {}

    /**
     * Measures a disk that nobody uses.
     *
     * @param pattern the byte that is written
     * @throws HypervisorException {@code FAILED} when it can't be, or takes too long
     */
    public static DiskSpeed measure(BlockSource disk, int pattern) {
        Work writes = new Work(true, MEBIBYTES, 8, MEBIBYTE, MEBIBYTE);
        Work reads = new Work(false, MEBIBYTES, 8, MEBIBYTE, MEBIBYTE);
        Work smallWrites = new Work(true, SMALL_COUNT, 16, SMALL_BYTES, SMALL_STEP);
        Work smallReads = new Work(false, SMALL_COUNT, 16, SMALL_BYTES, SMALL_STEP);
        return new DiskSpeed(
                (long) (perSecond(disk, writes, pattern) * MEBIBYTE),
                (long) (perSecond(disk, reads, pattern) * MEBIBYTE),
                (long) perSecond(disk, smallWrites, pattern),
                (long) perSecond(disk, smallReads, pattern));
    }

    private static String address(IscsiLun lun) {
        if (!lun.initiator().isEmpty()) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "A target that lets in hosts by their initiator's name can't be measured: the tool has none.");
        }
        return "iscsi://" + lun.portal() + '/' + lun.target() + '/' + lun.number();
    }

    private static double perSecond(BlockSource disk, Work work, int pattern) {
        List<String> command = new ArrayList<>(List.of("qemu-img", "bench", "-t", "none"));
        command.addAll(List.of("-c", Integer.toString(work.count), "-d", Integer.toString(work.depth)));
        command.addAll(List.of("-s", Long.toString(work.bytes), "-S", Long.toString(work.step)));
        if (work.write) {
            // The last of what was written counts when it is on the medium.
            command.addAll(List.of("-w", "--no-drain", "--flush-interval=" + work.count, "--pattern=" + pattern));
        }
        if (QemuSources.needsOptions(disk)) {
            command.addAll(List.of("-f", disk.format(), address(disk.lun())));
        } else {
            command.addAll(List.of("-f", disk.format(), disk.path()));
        }
        HostCommand bench = HostCommand.of(command.toArray(String[]::new)).timeout(PATIENCE);
        if (disk.lun() != null && !disk.lun().user().isEmpty()) {
            // This tool takes no secrets; libiscsi reads these with an address that has none.
            bench.environment("LIBISCSI_CHAP_USERNAME", disk.lun().user());
            bench.environment("LIBISCSI_CHAP_PASSWORD", new String(disk.lun().secret(), StandardCharsets.US_ASCII));
        }
        HostCommand.Result result = bench.dyingWithUs().run();
        Matcher seconds = SECONDS.matcher(result.output());
        if (!result.succeeded() || !seconds.find()) {
            IscsiTrouble.of(result.errors()).ifPresent(trouble -> {
                throw trouble.failure();
            });
            throw new HypervisorException(
                    Reason.FAILED,
                    result.timedOut()
                            ? "The disk was too slow to be measured: it took more than two minutes."
                            : "The disk could not be measured. The worker's log says more.");
        }
        return work.count / Math.max(0.001, Double.parseDouble(seconds.group(1)));
    }
}
