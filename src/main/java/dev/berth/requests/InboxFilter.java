package dev.berth.requests;

import java.time.Instant;
import java.util.UUID;

/**
 * Which waiting requests somebody wants to see; null or empty means any.
 *
 * @param tenant a team's short name
 * @param requester a user name
 * @param assignee the id of the person who shall look at it
 * @param before those that were asked for earlier
 * @param newestFirst else the oldest come first
 */
public record InboxFilter(
        Request.Kind kind, String tenant, String requester, UUID assignee, Instant before, boolean newestFirst) {
    public static final InboxFilter ALL = new InboxFilter(null, "", "", null, null, false);
}
