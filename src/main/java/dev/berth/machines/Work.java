package dev.berth.machines;

import java.time.Instant;

/**
 * How far the work on a machine is.
 *
 * @param since when what is being done was asked for
 * @param attempt how often it has failed so far
 * @param step the step that is under way or came last, or null before the first
 */
public record Work(Machine machine, Instant since, int attempt, TimelineEntry step) {
    public int nextTry() {
        return attempt + 1;
    }

    /** Why it has to be tried again; empty when nothing went wrong. */
    public String error() {
        return step != null && step.state() == TimelineEntry.State.FAILED ? step.message() : "";
    }
}
