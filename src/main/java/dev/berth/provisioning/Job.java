package dev.berth.provisioning;

import dev.berth.machines.Work;
import java.time.Instant;

/**
 * "Bring this machine to what is wanted", as it stands in the queue.
 *
 * @param dueAt from when on it may run
 * @param pickedBy the worker that is at it; empty when none is
 */
public record Job(Work work, State state, Instant dueAt, String pickedBy) {
    /** What a job waits for, if it waits. */
    public enum State {
        /** For a worker. */
        WAITING("Waiting"),
        RUNNING("Running"),
        /** For its time: the next try, or the next look at the guest. */
        SCHEDULED("Later");

        private final String label;

        State(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }

        /** For URLs and CSS classes. */
        public String css() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Whether there is a point in running it before its time. */
    public boolean canRunNow() {
        return state == State.SCHEDULED;
    }
}
