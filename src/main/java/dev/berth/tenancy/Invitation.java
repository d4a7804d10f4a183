package dev.berth.tenancy;

import dev.berth.security.TenantRole;
import java.time.Instant;
import java.util.UUID;

/**
 * Somebody who belongs to a tenant once they have signed in.
 *
 * @param email theirs, as the identity provider has confirmed it; in lower case
 * @param invitedBy a user name
 * @param expiresAt when it is worth nothing any more
 */
public record Invitation(
        UUID id,
        UUID tenantId,
        String email,
        TenantRole role,
        String invitedBy,
        Instant createdAt,
        Instant expiresAt) {}
