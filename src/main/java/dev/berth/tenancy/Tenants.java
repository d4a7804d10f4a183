package dev.berth.tenancy;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.Cursor;
import dev.berth.common.Like;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.security.Credential;
import dev.berth.security.TenantRole;
import dev.berth.security.User;
import dev.berth.security.Users;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** The tenants. */
@ApplicationScoped
public class Tenants {
    @ApplicationScoped
    static class TenantRepository implements PanacheRepositoryBase<TenantEntity, UUID> {}

    @ApplicationScoped
    static class MembershipRepository implements PanacheRepositoryBase<MembershipEntity, MembershipEntity.Key> {}

    /** A caller and the tenants that it belongs to, by name. */
    record Own(Caller caller, List<Tenant> tenants) {}

    private final TenantRepository tenants;
    private final Users users;
    private final Quotas quotas;
    private final Audit audit;
    private final Clock clock;

    Tenants(TenantRepository tenants, Users users, Quotas quotas, Audit audit, Clock clock) {
        this.tenants = tenants;
        this.users = users;
        this.quotas = quotas;
        this.audit = audit;
        this.clock = clock;
    }

    /** The caller for a person at work on its own, with its tenants as they are now. */
    @Transactional
    public Caller caller(String username, String source) {
        return caller(user(username), Credential.password(), false, source).caller();
    }

    /** The same for a person whose account was read just now. */
    @Transactional
    Own caller(User user, Credential credential, boolean reads, String source) {
        Map<Tenant, TenantRole> mine = of(user);
        Map<UUID, TenantRole> roles = new HashMap<>();
        mine.forEach((tenant, role) -> roles.put(tenant.id(), role));
        Caller caller = Caller.of(user, roles, credential, reads, source);
        return new Own(
                caller,
                mine.keySet().stream()
                        .filter(tenant -> caller.tenants().containsKey(tenant.id()))
                        .toList());
    }

    User user(String username) {
        return users.findEnabled(username)
                .orElseThrow(() -> ProblemException.forbidden("This account is not known or disabled."));
    }

    /** The caller's tenants by name; who sees all sees all of them. */
    @Transactional
    public List<Tenant> list(Caller caller) {
        var query = caller.seesAll()
                ? tenants.find("order by name")
                : tenants.find("id in ?1 order by name", caller.tenants().keySet());
        return query.stream().map(TenantEntity::toTenant).toList();
    }

    /**
     * The caller's tenants by their short names, page by page: an admin may have thousands.
     *
     * @param text part of a name, or null for any
     */
    @Transactional
    public Page<Tenant> list(Caller caller, String text, int limit, String cursorText) {
        List<String> where = new ArrayList<>(List.of("1 = 1"));
        Map<String, Object> parameters = new HashMap<>();
        if (!caller.seesAll()) {
            where.add("id in :mine");
            parameters.put("mine", caller.tenants().keySet());
        }
        if (text != null && !text.isBlank()) {
            where.add("(slug like :text escape '!' or lower(name) like :text escape '!')");
            parameters.put("text", Like.anywhere(text.toLowerCase(Locale.ROOT)));
        }
        Cursor cursor = Cursor.decode(cursorText);
        if (cursor != null) {
            where.add("slug > :after");
            parameters.put("after", cursor.value());
        }
        List<Tenant> rows =
                tenants
                        .find(String.join(" and ", where) + " order by slug", parameters)
                        .page(0, limit + 1)
                        .list()
                        .stream()
                        .map(TenantEntity::toTenant)
                        .toList();
        return Page.of(
                rows, limit, tenant -> new Cursor(tenant.slug(), tenant.id().toString()));
    }

    /** The tenant with this short name if the caller belongs to it. */
    @Transactional
    public Optional<Tenant> find(Caller caller, String slug) {
        return tenants.find("slug", slug)
                .firstResultOptional()
                .map(TenantEntity::toTenant)
                .filter(tenant -> caller.sees(tenant.id()));
    }

    /** @throws ProblemException not found, also when the caller does not belong to it */
    @Transactional
    public Tenant get(Caller caller, String slug) {
        return find(caller, slug).orElseThrow(() -> ProblemException.notFound("tenant"));
    }

    /**
     * The ids of these tenants.
     *
     * @param field what the slugs were given as, for the problem
     * @throws ProblemException invalid when one of them is no tenant of the caller's
     */
    @Transactional
    public Set<UUID> ids(Caller caller, String field, Collection<String> slugs) {
        Set<String> wanted = new LinkedHashSet<>(slugs);
        List<Tenant> found = wanted.isEmpty()
                ? List.of()
                : tenants.find("slug in ?1", wanted).stream()
                        .map(TenantEntity::toTenant)
                        .filter(tenant -> caller.sees(tenant.id()))
                        .toList();
        found.forEach(tenant -> wanted.remove(tenant.slug()));
        if (!wanted.isEmpty()) {
            throw ProblemException.invalid(field, "There is no team named " + String.join(" or ", wanted) + ".");
        }
        return found.stream().map(Tenant::id).collect(Collectors.toSet());
    }

    /** Those of these tenants that there are, by id. */
    @Transactional
    public Map<UUID, Tenant> find(Collection<UUID> ids) {
        return ids.isEmpty()
                ? Map.of()
                : tenants.find("id in ?1", ids).stream()
                        .map(TenantEntity::toTenant)
                        .collect(Collectors.toMap(Tenant::id, tenant -> tenant));
    }

    /**
     * Makes a tenant; for admins.
     *
     * @param limits where its quota starts; what is not named starts at 0
     */
    @Transactional
    public Tenant create(Caller caller, String slug, String name, Map<Resource, Long> limits) {
        caller.requireAdmin();
        Checks checks = new Checks().label("slug", slug).line("name", name, 100);
        Map<Resource, Long> all = new EnumMap<>(Resource.class);
        for (Resource resource : Resource.WHOLE) {
            all.put(resource, limits.getOrDefault(resource, 0L));
            checks.require(resource.key(), all.get(resource) >= 0, "Choose a limit of 0 or more.");
        }
        checks.throwIfAny();
        if (tenants.count("slug", slug) > 0) {
            throw ProblemException.conflict("taken", "There is a team named " + slug + " already.");
        }
        TenantEntity entity = new TenantEntity();
        entity.id = UUID.randomUUID();
        entity.slug = slug;
        entity.name = name;
        entity.createdAt = clock.instant();
        tenants.persistAndFlush(entity);
        // Somebody may be in a group for it already.
        users.forgetClaims();
        Tenant tenant = entity.toTenant();
        audit.record(
                caller,
                "tenant.create",
                new Audit.Subject("tenant", tenant.id(), slug, tenant.id(), slug),
                Audit.change(Map.of(), Map.of("name", name)));
        quotas.setLimits(caller, tenant, all);
        return tenant;
    }

    /** The tenants that a user belongs to, with its role in each, by name; one query. */
    @Transactional
    public Map<Tenant, TenantRole> of(User user) {
        Map<Tenant, TenantRole> found = new LinkedHashMap<>();
        tenants.getEntityManager()
                .createQuery(
                        """
                        select t.id, t.slug, t.name, m.role from MembershipEntity m join TenantEntity t on t.id = m.tenantId
                         where m.userId = :user order by t.name, t.slug""",
                        Object[].class)
                .setParameter("user", user.id())
                .getResultList()
                .forEach(row ->
                        found.put(new Tenant((UUID) row[0], (String) row[1], (String) row[2]), (TenantRole) row[3]));
        return found;
    }
}
