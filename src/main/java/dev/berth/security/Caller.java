package dev.berth.security;

import dev.berth.common.ProblemException;
import java.util.Map;
import java.util.UUID;

/**
 * On whose behalf a service acts. Everything that belongs to a tenant is looked up through it.
 *
 * @param tenants the caller's role in each of its tenants, by the tenant's id
 * @param source where the call came from, for the audit log: an address, or a part of Berth
 */
public record Caller(UUID userId, String username, boolean admin, Map<UUID, TenantRole> tenants, String source) {
    private static final UUID NOBODY = new UUID(0, 0);

    public Caller {
        tenants = Map.copyOf(tenants);
    }

    /** Berth itself, at work without a person. */
    public static Caller system(String part) {
        return new Caller(NOBODY, "berth", true, Map.of(), part);
    }

    public boolean isSystem() {
        return userId.equals(NOBODY);
    }

    public boolean sees(UUID tenantId) {
        return admin || tenants.containsKey(tenantId);
    }

    public boolean owns(UUID tenantId) {
        return tenants.get(tenantId) == TenantRole.OWNER;
    }

    public void requireAdmin() {
        if (!admin) {
            throw ProblemException.forbidden("Only an admin may do this.");
        }
    }
}
