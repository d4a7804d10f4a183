package dev.berth.provisioning;

import dev.berth.hypervisor.Progress;
import java.util.Locale;
import java.util.function.Consumer;

/** Puts a piece of work's progress into words for the timeline, at most once a second. */
final class StepProgress implements Progress {
    private static final long PAUSE_NANOS = 1_000_000_000L;
    private static final double MEGABYTE = 1_000_000;
    private static final double GIBIBYTE = 1L << 30;

    private final Consumer<String> timeline;
    private final long begun = System.nanoTime();
    private long told = begun;

    StepProgress(Consumer<String> timeline) {
        this.timeline = timeline;
    }

    @Override
    public void at(long done, long total) {
        long now = System.nanoTime();
        if (total <= 0 || done >= total || now - told < PAUSE_NANOS) {
            return;
        }
        told = now;
        double seconds = (now - begun) / 1e9;
        timeline.accept(String.format(
                Locale.ROOT,
                "%d %% of %.1f GiB, %.0f MB/s",
                done * 100 / total,
                total / GIBIBYTE,
                done / MEGABYTE / seconds));
    }
}
