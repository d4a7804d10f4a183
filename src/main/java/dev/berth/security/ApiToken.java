package dev.berth.security;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;

/**
 * A program's token, without its text: that is known to the program alone.
 *
 * @param scopes what it may be used for
 * @param tenantId the only tenant whose things it opens, or null for all of its user's
 * @param usedAt when it was last used, to within a minute; null for never
 */
public record ApiToken(
        UUID id,
        UUID userId,
        String name,
        Set<Scope> scopes,
        UUID tenantId,
        Instant createdAt,
        Instant expiresAt,
        Instant usedAt) {
    public ApiToken {
        scopes = Set.copyOf(scopes);
    }
}
