package dev.berth.requests;

import java.time.Instant;

/**
 * One thing that happened to a request.
 *
 * @param by a user name, {@code policy}, or {@code berth}
 * @param message what they wrote, or empty
 */
public record RequestEvent(Instant at, Deed deed, String by, String message) {
    /** What somebody did. */
    public enum Deed {
        ASKED("asked"),
        ENDORSED("said yes as an owner"),
        ASSIGNED("asked somebody to look at it"),
        ASKED_BACK("asked back"),
        ANSWERED("answered"),
        OFFERED("offered it with changes"),
        ACCEPTED("accepted that"),
        APPROVED("approved it"),
        DENIED("denied it"),
        WITHDRAWN("withdrew it"),
        EXPIRED("closed it");

        private final String words;

        Deed(String words) {
            this.words = words;
        }

        /** What follows the name of whoever did it. */
        public String words() {
            return words;
        }
    }
}
