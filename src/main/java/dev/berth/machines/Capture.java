package dev.berth.machines;

import java.time.Instant;
import java.util.Locale;
import java.util.UUID;

/**
 * A machine's disk that becomes an image and a revision of a template, as people see it.
 *
 * @param template the template's slug
 * @param revision the number of the revision that an admin decides on, or null as long as there is none
 * @param failure what failed and what to do, or empty
 */
public record Capture(
        UUID id,
        UUID machineId,
        UUID diskId,
        String template,
        String imageName,
        String notes,
        State state,
        Integer revision,
        String failure,
        String requestedBy,
        Instant requestedAt) {
    /** How far it is. */
    public enum State {
        COPYING("Copying"),
        PROPOSED("With the admins"),
        FAILED("Failed");

        private final String label;

        State(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }

        /** In the API. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public boolean copying() {
        return state == State.COPYING;
    }
}
