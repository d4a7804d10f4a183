package dev.berth.tenancy;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.Notice;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/** The plans that admins make and tenants follow: a change of the plan is one of all who follow it. */
@ApplicationScoped
public class Plans {
    private final EntityManager em;
    private final Quotas quotas;
    private final Audit audit;
    private final Event<Notice> notices;
    private final Clock clock;

    Plans(EntityManager em, Quotas quotas, Audit audit, Event<Notice> notices, Clock clock) {
        this.em = em;
        this.quotas = quotas;
        this.audit = audit;
        this.notices = notices;
        this.clock = clock;
    }

    /** All, the smallest first. */
    @Transactional
    public List<Plan> list(Caller caller) {
        caller.requireSeesAll();
        Map<UUID, Map<QuotaLine, Long>> limits = new HashMap<>();
        for (Object row : em.createNativeQuery("select plan_id, resource, name, amount from plan_limit", Object[].class)
                .getResultList()) {
            Object[] cells = (Object[]) row;
            limits.computeIfAbsent((UUID) cells[0], id -> new HashMap<>())
                    .put(QuotaLine.of((String) cells[1], (String) cells[2]), ((Number) cells[3]).longValue());
        }
        Map<UUID, Plan> plans = new LinkedHashMap<>();
        for (Object row : em.createNativeQuery(
                        """
                        select p.id, p.slug, p.name, (select count(*) from tenant t where t.plan_id = p.id)
                          from plan p left join plan_limit l on l.plan_id = p.id and l.resource = 'vcpus'
                         order by coalesce(l.amount, 0), p.slug""",
                        Object[].class)
                .getResultList()) {
            Object[] cells = (Object[]) row;
            UUID id = (UUID) cells[0];
            plans.put(
                    id,
                    new Plan(
                            id,
                            (String) cells[1],
                            (String) cells[2],
                            Map.copyOf(limits.getOrDefault(id, Map.of())),
                            ((Number) cells[3]).longValue()));
        }
        return List.copyOf(plans.values());
    }

    @Transactional
    public Plan get(Caller caller, String slug) {
        return list(caller).stream()
                .filter(plan -> plan.slug().equals(slug))
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("plan"));
    }

    /** The plan that the tenant follows, if any. */
    @Transactional
    public Optional<String> of(Tenant tenant) {
        return em.createNativeQuery(
                        "select p.slug from plan p join tenant t on t.plan_id = p.id where t.id = :tenant",
                        String.class)
                .setParameter("tenant", tenant.id())
                .getResultStream()
                .map(String::valueOf)
                .findFirst();
    }

    /** Makes a plan, or changes one and with it the limits of all who follow it. */
    @Transactional
    public Plan save(Caller caller, String slug, String name, Map<Resource, Long> limits) {
        caller.requireAdmin();
        Checks checks = new Checks().label("slug", slug).line("name", name, 100);
        limits.forEach((resource, limit) ->
                checks.require(resource.key(), limit != null && limit >= 0, "Choose a limit of 0 or more."));
        checks.throwIfAny();
        UUID id = (UUID) em.createNativeQuery(
                        """
                        insert into plan (id, slug, name, created_at) values (:id, :slug, :name, :now)
                        on conflict (slug) do update set name = excluded.name returning id""",
                        UUID.class)
                .setParameter("id", UUID.randomUUID())
                .setParameter("slug", slug)
                .setParameter("name", name)
                .setParameter("now", Timestamp.from(clock.instant()))
                .getSingleResult();
        limits.forEach((resource, limit) -> setLimit(id, QuotaLine.of(resource), limit));
        audit.record(
                caller,
                "plan.set",
                Audit.Subject.global("plan", id, slug),
                limits.entrySet().stream()
                        .collect(Collectors.toMap(entry -> entry.getKey().key(), Map.Entry::getValue)));
        quotas.renew(followers(id));
        return get(caller, slug);
    }

    /** How much of one profile's line the plan gives. @param limit null for no limit */
    @Transactional
    public void setLine(Caller caller, String slug, QuotaLine line, Long limit) {
        Plan plan = get(caller, slug);
        if (limit != null && limit < 0) {
            throw ProblemException.invalid("limit", "Choose a limit of 0 or more, or leave it empty for none.");
        }
        if (limit == null) {
            em.createNativeQuery("delete from plan_limit where plan_id = :plan and resource = :resource")
                    .setParameter("plan", plan.id())
                    .setParameter("resource", line.key())
                    .executeUpdate();
        } else {
            setLimit(plan.id(), line, limit);
        }
        audit.record(
                caller,
                "plan.set",
                Audit.Subject.global("plan", plan.id(), slug),
                Map.of(Quotas.auditKey(line), limit == null ? "none" : limit));
        quotas.renew(followers(plan.id()));
    }

    private void setLimit(UUID planId, QuotaLine line, long limit) {
        em.createNativeQuery(
                        """
                        insert into plan_limit (plan_id, resource, name, amount) values (:plan, :resource, :name, :amount)
                        on conflict (plan_id, resource) do update set amount = excluded.amount""")
                .setParameter("plan", planId)
                .setParameter("resource", line.key())
                .setParameter("name", line.profile())
                .setParameter("amount", limit)
                .executeUpdate();
    }

    private List<UUID> followers(UUID planId) {
        return em
                .createNativeQuery("select id from tenant where plan_id = :plan order by id", UUID.class)
                .setParameter("plan", planId)
                .getResultList()
                .stream()
                .map(UUID.class::cast)
                .toList();
    }

    /** Only a plan that nobody follows can go. */
    @Transactional
    public void delete(Caller caller, String slug) {
        Plan plan = get(caller, slug);
        if (plan.followers() > 0) {
            throw ProblemException.conflict(
                    "in-use",
                    "%d of the teams follow this plan. Have them follow another one first."
                            .formatted(plan.followers()));
        }
        em.createNativeQuery("delete from plan where id = :id")
                .setParameter("id", plan.id())
                .executeUpdate();
        audit.record(caller, "plan.delete", Audit.Subject.global("plan", plan.id(), slug), Map.of());
    }

    /**
     * The tenant follows the plan from now on.
     *
     * @param slug empty for no plan: the limits of the plan become the tenant's own
     * @param keepOwn whether limits that were set for the tenant alone stay
     */
    @Transactional
    public void follow(Caller caller, Tenant tenant, String slug, boolean keepOwn) {
        caller.requireAdmin();
        quotas.lockAll(tenant.id());
        String before = of(tenant).orElse("");
        Plan plan = slug.isEmpty() ? null : get(caller, slug);
        if (plan == null) {
            em.createNativeQuery(
                            """
                            update quota q set own_limit = l.amount from tenant t join plan_limit l on l.plan_id = t.plan_id
                             where t.id = :tenant and q.tenant_id = t.id and q.resource = l.resource and q.own_limit is null""")
                    .setParameter("tenant", tenant.id())
                    .executeUpdate();
        } else if (!keepOwn) {
            em.createNativeQuery("update quota set own_limit = null where tenant_id = :tenant")
                    .setParameter("tenant", tenant.id())
                    .executeUpdate();
        }
        em.createNativeQuery("update tenant set plan_id = (select id from plan where slug = :plan) where id = :tenant")
                .setParameter("tenant", tenant.id())
                .setParameter("plan", slug)
                .executeUpdate();
        quotas.renew(List.of(tenant.id()));
        audit.record(
                caller,
                "quota.follow",
                Quotas.subject(tenant),
                Map.of("before", before, "after", slug, "keepOwn", keepOwn));
        if (plan != null && !before.equals(slug)) {
            notices.fire(new Notice(
                    Notice.Topic.QUOTA,
                    new Notice.Audience.Owners(tenant.id()),
                    "quota-plan:" + tenant.id() + ":" + slug + ":" + clock.instant(),
                    tenant.name() + " follows the plan " + plan.name(),
                    "The team's limits are those of the plan " + plan.name()
                            + " from now on. What is in use stays, also over a limit.",
                    "/t/" + tenant.slug() + "/quota"));
        }
    }
}
