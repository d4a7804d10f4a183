package dev.berth.tenancy;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.security.AuthConfig;
import dev.berth.security.Caller;
import dev.berth.security.EmailAddress;
import dev.berth.security.TenantRole;
import dev.berth.security.User;
import dev.berth.security.Users;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * People who are to belong to a tenant and may have no account yet, where accounts come from an identity provider. An
 * invitation is for an address; it counts for whoever the provider says that address is.
 */
@ApplicationScoped
public class Invitations {
    /** How long one is good for. */
    public static final Duration LIFETIME = Duration.ofDays(14);

    /** Whoever was invited since then has heard of it: nobody's mailbox is filled by inviting again and again. */
    private static final Duration HEARD = Duration.ofDays(1);

    private static final int MOST = 200;

    @ApplicationScoped
    static class InvitationRepository implements PanacheRepositoryBase<InvitationEntity, UUID> {}

    /** What came of inviting: one of the two is empty. */
    public record Invited(Optional<Invitation> invitation, Optional<Member> member) {}

    private final InvitationRepository invitations;
    private final Tenants.TenantRepository tenants;
    private final Members members;
    private final Users users;
    private final AuthConfig auth;
    private final Audit audit;
    private final Event<InvitationMade> made;
    private final Clock clock;

    Invitations(
            InvitationRepository invitations,
            Tenants.TenantRepository tenants,
            Members members,
            Users users,
            AuthConfig auth,
            Audit audit,
            Event<InvitationMade> made,
            Clock clock) {
        this.invitations = invitations;
        this.tenants = tenants;
        this.members = members;
        this.users = users;
        this.auth = auth;
        this.audit = audit;
        this.made = made;
        this.clock = clock;
    }

    /** Those that are still good, by address; for the tenant's owners and admins. */
    @Transactional
    public List<Invitation> list(Caller caller, Tenant tenant) {
        if (!caller.seesAll()) {
            requireMay(caller, tenant);
        }
        return invitations
                .find("tenantId = ?1 and expiresAt > ?2 order by email", tenant.id(), clock.instant())
                .stream()
                .map(InvitationEntity::toInvitation)
                .toList();
    }

    /**
     * Whoever has an account with this address is a member at once. Inviting once more takes the place of what was
     * there.
     */
    @Transactional
    public Invited invite(Caller caller, Tenant tenant, String address, TenantRole role) {
        requireMay(caller, tenant);
        String email = address == null ? "" : address.strip().toLowerCase(Locale.ROOT);
        new Checks()
                .require(
                        "email",
                        auth.mode() == AuthConfig.Mode.OIDC,
                        "Accounts are made by admins here. Add a member by user name.")
                .require("email", EmailAddress.fits(email), "Write one address such as dora@example.org.")
                .throwIfAny();
        Optional<User> known = users.byProvidedEmail(email);
        if (known.isPresent()) {
            return new Invited(
                    Optional.empty(),
                    Optional.of(members.add(caller, tenant, known.get().username(), role)));
        }
        if (invitations.count("tenantId = ?1 and expiresAt > ?2", tenant.id(), clock.instant()) >= MOST) {
            throw ProblemException.tooMany(
                    "too-many", MOST + " people are invited already. Withdraw some that nobody has taken up.");
        }
        boolean heard = invitations.count(
                        "tenantId = ?1 and email = ?2 and createdAt > ?3",
                        tenant.id(),
                        email,
                        clock.instant().minus(HEARD))
                > 0;
        invitations.delete("(tenantId = ?1 and email = ?2) or expiresAt < ?3", tenant.id(), email, clock.instant());
        InvitationEntity entity = new InvitationEntity();
        entity.id = UUID.randomUUID();
        entity.tenantId = tenant.id();
        entity.email = email;
        entity.role = role;
        entity.invitedBy = caller.username();
        entity.createdAt = clock.instant();
        entity.expiresAt = entity.createdAt.plus(LIFETIME);
        invitations.persistAndFlush(entity);
        record(caller, "member.invite", tenant, entity);
        if (!heard) {
            made.fire(new InvitationMade(entity.id));
        }
        return new Invited(Optional.of(entity.toInvitation()), Optional.empty());
    }

    /** One that is still good, to be told to whom it is for. */
    @Transactional
    public Optional<Invitation> open(UUID id) {
        return invitations
                .find("id = ?1 and expiresAt > ?2", id, clock.instant())
                .firstResultOptional()
                .map(InvitationEntity::toInvitation);
    }

    @Transactional
    public void withdraw(Caller caller, Tenant tenant, UUID id) {
        requireMay(caller, tenant);
        InvitationEntity entity = invitations
                .find("id = ?1 and tenantId = ?2", id, tenant.id())
                .firstResultOptional()
                .orElseThrow(() -> ProblemException.notFound("invitation"));
        invitations.delete(entity);
        record(caller, "member.withdraw-invitation", tenant, entity);
    }

    /** Whoever has this address has come. */
    @Transactional(Transactional.TxType.MANDATORY)
    void takeUp(Caller provider, User user, String email) {
        for (InvitationEntity entity : invitations.list("email", email)) {
            if (entity.expiresAt.isAfter(clock.instant())) {
                members.give(provider, tenants.findById(entity.tenantId).toTenant(), user, entity.role);
            }
            invitations.delete(entity);
        }
    }

    private void requireMay(Caller caller, Tenant tenant) {
        if (!caller.sees(tenant.id())) {
            throw ProblemException.notFound("tenant");
        }
        if (!members.mayChange(caller, tenant)) {
            throw ProblemException.forbidden("Only an owner of the team or an admin may invite people to it.");
        }
    }

    private void record(Caller caller, String action, Tenant tenant, InvitationEntity entity) {
        audit.record(
                caller,
                action,
                new Audit.Subject("invitation", entity.id, entity.email, tenant.id(), tenant.slug()),
                Map.of("role", entity.role.name()));
    }
}
