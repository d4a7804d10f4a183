package dev.berth.machines;

import java.time.Instant;
import java.util.UUID;

/**
 * A machine that was made from a revision to see that it comes up.
 *
 * @param machineId the machine; it is deleted when the test ends
 * @param words what was seen, as a sentence; empty while it runs
 * @param approves whether the revision is approved when the machine has come up
 */
public record BootTest(
        UUID id,
        UUID revisionId,
        UUID machineId,
        String tenantSlug,
        String hostName,
        State state,
        String words,
        boolean approves,
        String begunBy,
        Instant begunAt,
        Instant endedAt) {
    /** How far it is. */
    public enum State {
        RUNNING("Under way"),
        PASSED("Passed"),
        FAILED("Failed");

        private final String label;

        State(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    public boolean running() {
        return state == State.RUNNING;
    }
}
