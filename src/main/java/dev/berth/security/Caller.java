package dev.berth.security;

import dev.berth.common.ProblemException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * On whose behalf a service acts. Everything that belongs to a tenant is looked up through it.
 *
 * @param admin may do everything
 * @param auditor sees everything and changes nothing of it: true only while something is read
 * @param tenants the caller's role in each of its tenants, by the tenant's id
 * @param source where the call came from, for the audit log: an address, or a part of Berth
 */
public record Caller(
        UUID userId, String username, boolean admin, boolean auditor, Map<UUID, TenantRole> tenants, String source) {
    private static final UUID NOBODY = new UUID(0, 0);

    public Caller {
        tenants = Map.copyOf(tenants);
    }

    public Caller(UUID userId, String username, boolean admin, Map<UUID, TenantRole> tenants, String source) {
        this(userId, username, admin, false, tenants, source);
    }

    /** Berth itself, at work without a person. */
    public static Caller system(String part) {
        return new Caller(NOBODY, "berth", true, Map.of(), part);
    }

    /**
     * This person, as far as the credential goes.
     *
     * @param reads whether the call changes nothing: only then is an auditor more than anybody else
     */
    public static Caller of(
            User user, Map<UUID, TenantRole> tenants, Credential credential, boolean reads, String source) {
        Map<UUID, TenantRole> open = new HashMap<>();
        tenants.forEach((tenant, role) -> {
            if (credential.everywhere() || tenant.equals(credential.tenantId())) {
                open.put(tenant, credential.allows(Scope.APPROVE) ? role : TenantRole.MEMBER);
            }
        });
        return new Caller(
                user.id(),
                user.username(),
                user.admin() && credential.everywhere() && credential.allows(Scope.ADMIN),
                user.auditor() && credential.everywhere() && reads,
                open,
                source);
    }

    public boolean isSystem() {
        return userId.equals(NOBODY);
    }

    /** Whether nothing that is to be read is kept from it. */
    public boolean seesAll() {
        return admin || auditor;
    }

    public boolean sees(UUID tenantId) {
        return seesAll() || tenants.containsKey(tenantId);
    }

    public boolean owns(UUID tenantId) {
        return tenants.get(tenantId) == TenantRole.OWNER;
    }

    public void requireAdmin() {
        if (!admin) {
            throw ProblemException.forbidden("Only an admin may do this.");
        }
    }

    /** For what admins and auditors read. */
    public void requireSeesAll() {
        if (!seesAll()) {
            throw ProblemException.forbidden("Only an admin or an auditor may see this.");
        }
    }
}
