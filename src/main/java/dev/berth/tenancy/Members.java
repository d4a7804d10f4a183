package dev.berth.tenancy;

import dev.berth.audit.Audit;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.security.TenantRole;
import dev.berth.security.User;
import dev.berth.security.Users;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Who belongs to a tenant. Its members see each other; its owners and admins change who they are. A change holds from
 * the member's next request on.
 */
@ApplicationScoped
public class Members {
    private final Tenants.MembershipRepository memberships;
    private final Tenants.TenantRepository tenants;
    private final Users users;
    private final Audit audit;

    Members(Tenants.MembershipRepository memberships, Tenants.TenantRepository tenants, Users users, Audit audit) {
        this.memberships = memberships;
        this.tenants = tenants;
        this.users = users;
        this.audit = audit;
    }

    /** By user name. */
    @Transactional
    public List<Member> list(Caller caller, Tenant tenant) {
        requireSees(caller, tenant);
        Map<UUID, TenantRole> roles = memberships.list("tenantId", tenant.id()).stream()
                .collect(Collectors.toMap(membership -> membership.userId, membership -> membership.role));
        return users.byIds(roles.keySet()).stream()
                .map(user -> new Member(user, roles.get(user.id())))
                .toList();
    }

    /** Those who belong to the tenant in one of these roles, for Berth itself; by user name. */
    @Transactional
    public List<User> people(UUID tenantId, Set<TenantRole> roles) {
        return users.byIds(memberships.list("tenantId = ?1 and role in ?2", tenantId, roles).stream()
                .map(membership -> membership.userId)
                .toList());
    }

    /** Whether the caller may change who belongs to the tenant. */
    public boolean mayChange(Caller caller, Tenant tenant) {
        return caller.admin() || caller.tenants().get(tenant.id()) == TenantRole.OWNER;
    }

    /** @throws ProblemException when there is no such user, or it is a member already */
    @Transactional
    public Member add(Caller caller, Tenant tenant, String username, TenantRole role) {
        lock(caller, tenant);
        User user = users.find(username == null ? "" : username)
                .orElseThrow(() -> ProblemException.invalid(
                        "username", "Nobody has this user name. An admin makes accounts under Users."));
        if (memberships
                .findByIdOptional(new MembershipEntity.Key(tenant.id(), user.id()))
                .isPresent()) {
            throw ProblemException.conflict("taken", username + " is a member already.");
        }
        give(caller, tenant, user, role);
        return new Member(user, role);
    }

    /** Nobody is asked: an invitation was taken up. */
    @Transactional(Transactional.TxType.MANDATORY)
    void give(Caller caller, Tenant tenant, User user, TenantRole role) {
        change(caller, tenant, user, membership -> membership.give(role));
    }

    /** What the identity provider says of this person in this tenant. @param role null for nothing any more */
    @Transactional(Transactional.TxType.MANDATORY)
    void provide(Caller caller, Tenant tenant, User user, TenantRole role) {
        change(caller, tenant, user, membership -> membership.provide(role));
    }

    private void change(Caller caller, Tenant tenant, User user, Consumer<MembershipEntity> what) {
        MembershipEntity membership = memberships
                .findByIdOptional(new MembershipEntity.Key(tenant.id(), user.id()))
                .orElse(null);
        TenantRole before = membership == null ? null : membership.role;
        if (membership == null) {
            membership = new MembershipEntity();
            membership.tenantId = tenant.id();
            membership.userId = user.id();
        }
        what.accept(membership);
        if (membership.empty()) {
            memberships.delete(membership);
            record(caller, tenant, user, "member.remove", before, null);
        } else if (before == null) {
            memberships.persist(membership);
            record(caller, tenant, user, "member.add", null, membership.role);
        } else if (before != membership.role) {
            record(caller, tenant, user, "member.set-role", before, membership.role);
        }
    }

    @Transactional
    public Member setRole(Caller caller, Tenant tenant, String username, TenantRole role) {
        lock(caller, tenant);
        User user = user(username);
        MembershipEntity membership = membership(tenant, user);
        if (membership.role != role) {
            requireOwnerLeft(caller, tenant, membership);
            requireOurs(membership, username);
            give(caller, tenant, user, role);
        }
        return new Member(user, role);
    }

    /** Its machines stay the tenant's. */
    @Transactional
    public void remove(Caller caller, Tenant tenant, String username) {
        lock(caller, tenant);
        User user = user(username);
        MembershipEntity membership = membership(tenant, user);
        requireOwnerLeft(caller, tenant, membership);
        requireOurs(membership, username);
        give(caller, tenant, user, null);
    }

    /** Of two owners that remove each other at once, the second finds itself the last, or gone. */
    private void lock(Caller caller, Tenant tenant) {
        requireSees(caller, tenant);
        tenants.findById(tenant.id(), LockModeType.PESSIMISTIC_WRITE);
        boolean may = caller.admin()
                || memberships.count(
                                "tenantId = ?1 and userId = ?2 and role = ?3",
                                tenant.id(),
                                caller.userId(),
                                TenantRole.OWNER)
                        > 0;
        if (!may) {
            throw ProblemException.forbidden("Only an owner of the team or an admin may change its members.");
        }
    }

    private void requireOwnerLeft(Caller caller, Tenant tenant, MembershipEntity membership) {
        if (!caller.admin()
                && membership.role == TenantRole.OWNER
                && memberships.count("tenantId = ?1 and role = ?2", tenant.id(), TenantRole.OWNER) == 1) {
            throw ProblemException.conflict(
                    "last-owner", "This is the team's last owner. Make somebody else an owner first, or ask an admin.");
        }
    }

    /** What a group at the identity provider gives can't be taken away here: the next look at it would give it again. */
    private static void requireOurs(MembershipEntity membership, String username) {
        if (membership.provided == membership.role) {
            throw ProblemException.conflict(
                    "provided",
                    username
                            + " is in this team by a group at the identity provider. Change it there, and it holds here within a minute.");
        }
    }

    private static void requireSees(Caller caller, Tenant tenant) {
        if (!caller.sees(tenant.id())) {
            throw ProblemException.notFound("tenant");
        }
    }

    private User user(String username) {
        return users.find(username).orElseThrow(() -> ProblemException.notFound("member"));
    }

    private MembershipEntity membership(Tenant tenant, User user) {
        return memberships
                .findByIdOptional(new MembershipEntity.Key(tenant.id(), user.id()))
                .orElseThrow(() -> ProblemException.notFound("member"));
    }

    private void record(Caller caller, Tenant tenant, User user, String action, TenantRole before, TenantRole after) {
        audit.record(
                caller,
                action,
                new Audit.Subject("user", user.id(), user.username(), tenant.id(), tenant.slug()),
                Audit.change(fields(before), fields(after)));
    }

    private static Map<String, String> fields(TenantRole role) {
        return role == null ? Map.of() : Map.of("role", role.name());
    }
}
