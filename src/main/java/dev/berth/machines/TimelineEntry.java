package dev.berth.machines;

import java.time.Duration;
import java.time.Instant;

/**
 * One step of an operation, or a note.
 *
 * @param generation entries of one generation belong to one run of an operation
 * @param step a sentence fragment for people: {@code Create the disk}
 * @param attempt how often the step has been tried
 */
public record TimelineEntry(
        long id,
        long generation,
        Operation operation,
        String step,
        State state,
        int attempt,
        Instant startedAt,
        Instant finishedAt,
        String message) {
    /** How far the step is. */
    public enum State {
        STARTED,
        DONE,
        FAILED,
        NOTE
    }

    /** @return milliseconds from start to end, or null while it runs */
    public Long millis() {
        return finishedAt == null
                ? null
                : Duration.between(startedAt, finishedAt).toMillis();
    }

    /** {@code 0.4 s}; empty while it runs and for notes. */
    public String took() {
        return finishedAt == null || state == State.NOTE
                ? ""
                : String.format(java.util.Locale.ROOT, "%.1f s", millis() / 1000.0);
    }
}
