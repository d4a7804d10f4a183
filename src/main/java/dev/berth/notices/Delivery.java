package dev.berth.notices;

import dev.berth.common.Notice;
import java.time.Instant;
import java.util.UUID;

/**
 * One message to a webhook, as its log shows it.
 *
 * @param attempts how often it was tried
 * @param status the HTTP status of the last answer, or 0 for none
 * @param error what went wrong last, empty for nothing
 * @param dueAt when it is tried next, while it waits
 */
public record Delivery(
        UUID id,
        Notice.Topic topic,
        State state,
        int attempts,
        int status,
        String error,
        Instant createdAt,
        Instant dueAt,
        Instant finishedAt,
        String body) {
    /** How far it is. */
    public enum State {
        WAITING,
        SENT,
        FAILED
    }

    public boolean sent() {
        return state == State.SENT;
    }

    /** Whether it was tried, and will be again. */
    public boolean waiting() {
        return state == State.WAITING && attempts > 0;
    }
}
