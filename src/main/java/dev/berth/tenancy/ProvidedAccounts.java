package dev.berth.tenancy;

import dev.berth.audit.Audit;
import dev.berth.security.Caller;
import dev.berth.security.ProvidedPerson;
import dev.berth.security.ProviderAccounts;
import dev.berth.security.TenantRole;
import dev.berth.security.User;
import dev.berth.security.Users;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Accounts of people who come from the identity provider. An account is a person's there, whatever they are called, and
 * never one of Berth's own. What the provider says is written down when it says something else than before; so most
 * requests only read.
 */
@ApplicationScoped
class ProvidedAccounts implements ProviderAccounts {
    private static final Caller PROVIDER = Caller.system("identity provider");
    /** Any number that no other lock of this kind has. */
    private static final long LOCK = 4_711_028L;

    private static final int LONGEST_NAME = 40;

    private final Users users;
    private final Tenants.TenantRepository tenants;
    private final Tenants.MembershipRepository memberships;
    private final Members members;
    private final Invitations invitations;
    private final EntityManager em;
    private final Audit audit;
    private final UnknownTeams unknownTeams;

    ProvidedAccounts(
            Users users,
            Tenants.TenantRepository tenants,
            Tenants.MembershipRepository memberships,
            Members members,
            Invitations invitations,
            EntityManager em,
            Audit audit,
            UnknownTeams unknownTeams) {
        this.users = users;
        this.tenants = tenants;
        this.memberships = memberships;
        this.members = members;
        this.invitations = invitations;
        this.em = em;
        this.audit = audit;
        this.unknownTeams = unknownTeams;
    }

    @Override
    @Transactional
    public User account(ProvidedPerson person) {
        Optional<Users.Provided> known = users.provided(person.issuer(), person.subject());
        if (known.isPresent() && known.get().digest().equals(person.digest())) {
            return known.get().user();
        }
        // Two requests of one person, or two persons of one name: one after the other.
        em.createNativeQuery("select pg_advisory_xact_lock(:lock)", Object.class)
                .setParameter("lock", LOCK)
                .getSingleResult();
        em.clear();
        return write(
                users.provided(person.issuer(), person.subject())
                        .map(Users.Provided::user)
                        .orElse(null),
                person);
    }

    private User write(User before, ProvidedPerson person) {
        User user = before == null
                ? users.provide(null, freeName(person.username()), person)
                : users.provide(before.id(), before.username(), person);
        Map<String, Object> was = before == null ? Map.of() : facts(before);
        if (!was.equals(facts(user))) {
            audit.record(
                    PROVIDER,
                    before == null ? "user.create" : "user.update",
                    Audit.Subject.global("user", user.id(), user.username()),
                    Audit.change(was, facts(user)));
        }
        memberships(user, person.tenants());
        if (person.verified()) {
            invitations.takeUp(PROVIDER, user, person.email());
        }
        return user;
    }

    private static Map<String, Object> facts(User user) {
        return new TreeMap<>(Map.of(
                "name", user.displayName(),
                "email", user.email(),
                "admin", user.admin(),
                "auditor", user.auditor()));
    }

    private void memberships(User user, Map<String, TenantRole> wanted) {
        Map<String, Tenant> there = (wanted.isEmpty()
                        ? List.<TenantEntity>of()
                        : tenants.list("slug in ?1", wanted.keySet()))
                .stream().map(TenantEntity::toTenant).collect(Collectors.toMap(Tenant::slug, tenant -> tenant));
        Map<UUID, TenantRole> roles = new HashMap<>();
        there.forEach((slug, tenant) -> roles.put(tenant.id(), wanted.get(slug)));
        List<UUID> gone = memberships.list("userId = ?1 and provided is not null", user.id()).stream()
                .map(membership -> membership.tenantId)
                .filter(tenant -> !roles.containsKey(tenant))
                .toList();
        if (!gone.isEmpty()) {
            tenants.list("id in ?1", gone).forEach(tenant -> members.provide(PROVIDER, tenant.toTenant(), user, null));
        }
        there.forEach((slug, tenant) -> members.provide(PROVIDER, tenant, user, wanted.get(slug)));
        Set<String> unknown = new HashSet<>(wanted.keySet());
        unknown.removeAll(there.keySet());
        unknownTeams.note(user.id(), unknown);
    }

    /** The name they have there, as far as it can be one here; with a number behind it if somebody has it already. */
    private String freeName(String wished) {
        String name = name(wished);
        String free = name;
        for (int next = 2; free.equals(PROVIDER.username()) || users.find(free).isPresent(); next++) {
            free = name + "-" + next;
        }
        return free;
    }

    private static String name(String wished) {
        String local = wished.indexOf('@') > 0 ? wished.substring(0, wished.indexOf('@')) : wished;
        String plain = Normalizer.normalize(local, Normalizer.Form.NFKD)
                .replaceAll("\\p{M}", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9._-]+", "-");
        String cut = plain.substring(0, Math.min(plain.length(), LONGEST_NAME)).replaceAll("^[._-]+|[._-]+$", "");
        return cut.isEmpty() ? "user" : cut;
    }
}
