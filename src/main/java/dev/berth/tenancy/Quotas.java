package dev.berth.tenancy;

import dev.berth.audit.Audit;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Limits that can't be passed. One row for each tenant and resource; taking is one conditional update for each
 * resource, always in the order of {@link Resource}, in the transaction of whatever needs it. A ledger row for each
 * holder makes giving back harmless to repeat and lets {@link #drift} prove that used equals the ledger's sum.
 */
@ApplicationScoped
public class Quotas {
    private final EntityManager em;
    private final Audit audit;
    private final Clock clock;

    Quotas(EntityManager em, Audit audit, Clock clock) {
        this.em = em;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Takes all amounts or none.
     *
     * @param holder the machine (or what else) that holds them from now on
     * @throws ProblemException conflict, naming the limit that stands in the way
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void reserve(Tenant tenant, UUID holder, Map<Resource, Long> amounts) {
        new EnumMap<>(amounts).forEach((resource, amount) -> {
            take(tenant, resource, amount);
            em.createNativeQuery(
                            """
                            insert into quota_hold (holder_id, resource, tenant_id, amount, pending, created_at)
                            values (:holder, :resource, :tenant, :amount, true, :now)""")
                    .setParameter("holder", holder)
                    .setParameter("resource", resource.key())
                    .setParameter("tenant", tenant.id())
                    .setParameter("amount", amount)
                    .setParameter("now", Timestamp.from(clock.instant()))
                    .executeUpdate();
        });
    }

    /**
     * Takes more for somebody who exists: what the holder has of the resource grows by the amount.
     *
     * @throws ProblemException conflict, naming the limit that stands in the way
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void raise(Tenant tenant, UUID holder, Resource resource, long amount) {
        take(tenant, resource, amount);
        em.createNativeQuery(
                        """
                        insert into quota_hold (holder_id, resource, tenant_id, amount, pending, created_at)
                        values (:holder, :resource, :tenant, :amount, false, :now)
                        on conflict (holder_id, resource) do update set amount = quota_hold.amount + excluded.amount""")
                .setParameter("holder", holder)
                .setParameter("resource", resource.key())
                .setParameter("tenant", tenant.id())
                .setParameter("amount", amount)
                .setParameter("now", Timestamp.from(clock.instant()))
                .executeUpdate();
    }

    /** Part of what one holder has becomes another's: no more and no less is used. */
    @Transactional(Transactional.TxType.MANDATORY)
    public void transfer(UUID from, UUID to, Resource resource, long amount) {
        em.createNativeQuery(
                        """
                        update quota_hold set amount = amount + case when holder_id = :to then :amount else - :amount end
                         where holder_id in (:from, :to) and resource = :resource""")
                .setParameter("from", from)
                .setParameter("to", to)
                .setParameter("resource", resource.key())
                .setParameter("amount", amount)
                .executeUpdate();
    }

    private void take(Tenant tenant, Resource resource, long amount) {
        int taken = em.createNativeQuery(
                        """
                        update quota set used = used + :amount
                         where tenant_id = :tenant and resource = :resource and used + :amount <= quota_limit""")
                .setParameter("amount", amount)
                .setParameter("tenant", tenant.id())
                .setParameter("resource", resource.key())
                .executeUpdate();
        if (taken == 0) {
            throw exceeded(tenant, resource, amount);
        }
    }

    private ProblemException exceeded(Tenant tenant, Resource resource, long amount) {
        QuotaUse use = usage(tenant.id()).stream()
                .filter(candidate -> candidate.resource() == resource)
                .findFirst()
                .orElse(new QuotaUse(resource, 0, 0, 0));
        return ProblemException.conflict(
                "quota-exceeded",
                "The quota of %s for %s is used up: %s in use, this needs %s more. %s or ask an admin for a higher limit."
                        .formatted(
                                tenant.slug(),
                                resource.label(),
                                use.words(),
                                resource.amount(amount),
                                resource.remedy()));
    }

    /** From now on the holder exists: its holds no longer count as those of an open request. */
    @Transactional(Transactional.TxType.MANDATORY)
    public void settle(UUID holder) {
        em.createNativeQuery("update quota_hold set pending = false where holder_id = :holder")
                .setParameter("holder", holder)
                .executeUpdate();
    }

    /** Gives back whatever the holder still holds; nothing when called again. */
    @Transactional(Transactional.TxType.MANDATORY)
    public void release(UUID holder) {
        for (Resource resource : Resource.values()) {
            em.createNativeQuery(
                            """
                            with gone as (delete from quota_hold where holder_id = :holder and resource = :resource
                                          returning tenant_id, resource, amount)
                            update quota q set used = q.used - gone.amount from gone
                             where q.tenant_id = gone.tenant_id and q.resource = gone.resource""")
                    .setParameter("holder", holder)
                    .setParameter("resource", resource.key())
                    .executeUpdate();
        }
    }

    /** The tenant's standing, one entry for each resource. */
    @Transactional
    public List<QuotaUse> usage(UUID tenantId) {
        return usage(List.of(tenantId)).getOrDefault(tenantId, List.of());
    }

    /** The standing of several tenants at once, by the tenant's id; one query for all. */
    @Transactional
    public Map<UUID, List<QuotaUse>> usage(Collection<UUID> tenantIds) {
        if (tenantIds.isEmpty()) {
            return Map.of();
        }
        @SuppressWarnings("unchecked")
        List<Object[]> rows = em.createNativeQuery(
                        """
                        select q.tenant_id, q.resource, q.quota_limit, q.used,
                               coalesce((select sum(h.amount) from quota_hold h where h.tenant_id = q.tenant_id
                                            and h.resource = q.resource and h.pending), 0)
                          from quota q where q.tenant_id in (:tenants)""")
                .setParameter("tenants", tenantIds)
                .getResultList();
        Map<UUID, List<QuotaUse>> uses = new HashMap<>();
        for (Object[] row : rows) {
            Resource resource = Resource.valueOf(((String) row[1]).toUpperCase(java.util.Locale.ROOT));
            uses.computeIfAbsent((UUID) row[0], id -> new ArrayList<>())
                    .add(new QuotaUse(resource, number(row[2]), number(row[3]), number(row[4])));
        }
        uses.values().forEach(list -> list.sort(Comparator.comparing(QuotaUse::resource)));
        return uses;
    }

    /** Sets limits; one below what is used takes nothing away and grants nothing new. */
    @Transactional
    public void setLimits(Caller caller, Tenant tenant, Map<Resource, Long> limits) {
        caller.requireAdmin();
        Map<String, Long> before = limitsOf(tenant, limits.keySet());
        limits.forEach((resource, limit) -> {
            if (limit < 0) {
                throw ProblemException.invalid(resource.key(), "Choose a limit of 0 or more.");
            }
            em.createNativeQuery(
                            """
                            insert into quota (tenant_id, resource, quota_limit) values (:tenant, :resource, :limit)
                            on conflict (tenant_id, resource) do update set quota_limit = excluded.quota_limit""")
                    .setParameter("tenant", tenant.id())
                    .setParameter("resource", resource.key())
                    .setParameter("limit", limit)
                    .executeUpdate();
        });
        audit.record(
                caller,
                "quota.set",
                new Audit.Subject("tenant", tenant.id(), tenant.slug(), tenant.id(), tenant.slug()),
                Audit.change(
                        before,
                        limits.entrySet().stream()
                                .collect(java.util.stream.Collectors.toMap(
                                        entry -> entry.getKey().key(), Map.Entry::getValue))));
    }

    private Map<String, Long> limitsOf(Tenant tenant, Collection<Resource> resources) {
        return usage(tenant.id()).stream()
                .filter(use -> resources.contains(use.resource()))
                .collect(java.util.stream.Collectors.toMap(use -> use.resource().key(), QuotaUse::limit));
    }

    /** Tenants and resources whose used is not the ledger's sum; empty when all is exact. */
    @Transactional
    public List<String> drift() {
        @SuppressWarnings("unchecked")
        List<Object> rows = em.createNativeQuery(
                        """
                        select t.slug || ' ' || q.resource || ': used ' || q.used || ', ledger ' || coalesce(sum(h.amount), 0)
                          from quota q join tenant t on t.id = q.tenant_id
                          left join quota_hold h on h.tenant_id = q.tenant_id and h.resource = q.resource
                         group by t.slug, q.resource, q.used having q.used <> coalesce(sum(h.amount), 0)""")
                .getResultList();
        return rows.stream().map(String::valueOf).toList();
    }

    private static long number(Object value) {
        return ((Number) value).longValue();
    }
}
