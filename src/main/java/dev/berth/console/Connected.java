package dev.berth.console;

import java.time.Instant;
import java.util.UUID;

/**
 * Somebody whose console of a machine is open.
 *
 * @param id the session's
 * @param address where it came from, or null where that is nobody else's business
 */
public record Connected(UUID id, String username, Instant since, boolean viewOnly, String address) {
    Connected withoutAddress() {
        return new Connected(id, username, since, viewOnly, null);
    }
}
