package dev.berth.tenancy;

import dev.berth.audit.Audit;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import jakarta.transaction.Transactional;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Limits that can't be passed. One row for each tenant and line; taking is one conditional update of all the rows that
 * it needs, locked in the order of {@link QuotaLine}, in the transaction of whatever needs it. A ledger row for each
 * holder says who holds what, makes giving back harmless to repeat and lets {@link LedgerCheck} prove that used equals
 * the ledger's sum. What one member may hold is decided as the ledger's row is written, while the tenant's is locked.
 */
@ApplicationScoped
public class Quotas {
    /** In the order of the keys, so that rows are locked as {@link QuotaLine} sorts. */
    private static final String TAKE =
            """
            with asked as (select * from unnest(string_to_array(:keys, ','), cast(string_to_array(:amounts, ',') as bigint[]))
                                      as a (resource, amount)),
                 locked as (select q.resource from quota q
                             where q.tenant_id = :tenant and q.resource in (select resource from asked)
                             order by q.resource collate "C" for update)
            update quota q set used = q.used + a.amount from asked a join locked l on l.resource = a.resource
             where q.tenant_id = :tenant and q.resource = a.resource
               and (q.quota_limit is null or q.used + a.amount <= q.quota_limit)
            returning q.resource""";

    /** Writes only what the holder's user may hold; whose share counts is whoever holds it already, or who takes. */
    private static final String HOLD =
            """
            with asked as (select * from unnest(string_to_array(:keys, ','), cast(string_to_array(:amounts, ',') as bigint[]))
                                      as a (resource, amount)),
                 mine as (select a.resource, a.amount, q.member_share,
                                 coalesce((select h.user_id from quota_hold h
                                            where h.holder_id = :holder and h.resource = a.resource),
                                          cast(nullif(:user, '') as uuid)) as user_id
                            from asked a join quota q on q.tenant_id = :tenant and q.resource = a.resource)
            insert into quota_hold (holder_id, resource, tenant_id, amount, pending, created_at, user_id)
            select :holder, m.resource, :tenant, m.amount, :pending, cast(:now as timestamptz), m.user_id
              from mine m left join quota_share s
                   on s.tenant_id = :tenant and s.resource = m.resource and s.user_id = m.user_id
             where m.user_id is null or coalesce(s.share, m.member_share) is null
                or m.amount + coalesce((select sum(h.amount) from quota_hold h
                                         where h.tenant_id = :tenant and h.resource = m.resource
                                           and h.user_id = m.user_id), 0) <= coalesce(s.share, m.member_share)
            on conflict (holder_id, resource) do update set amount = quota_hold.amount + excluded.amount
            returning resource""";

    private final EntityManager em;
    private final Audit audit;
    private final Clock clock;
    /** Tenants' lines of profiles that are known to be there; rows are never deleted. */
    private final Set<String> there = ConcurrentHashMap.newKeySet();

    Quotas(EntityManager em, Audit audit, Clock clock) {
        this.em = em;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Takes all amounts or none, for an open request.
     *
     * @param holder the machine (or what else) that holds them from now on
     * @param user whose share they count in, or null for nobody's
     * @throws ProblemException conflict, naming the limit that stands in the way; see {@link Wall}
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void reserve(Tenant tenant, UUID holder, UUID user, Amounts amounts) {
        take(tenant, holder, user, amounts, true);
    }

    /**
     * Takes all amounts or none for somebody who exists: what the holder has already grows by them.
     *
     * @param user whose share they count in if the holder has nothing yet, or null for nobody's
     * @throws ProblemException conflict, naming the limit that stands in the way; see {@link Wall}
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void raise(Tenant tenant, UUID holder, UUID user, Amounts amounts) {
        take(tenant, holder, user, amounts, false);
    }

    /** Takes what the holder lacks of these amounts; it may have all of them. */
    @Transactional(Transactional.TxType.MANDATORY)
    public void ensure(Tenant tenant, UUID holder, UUID user, Amounts amounts) {
        Map<QuotaLine, Long> held = held(holder);
        Amounts lacking = Amounts.none();
        for (Map.Entry<QuotaLine, Long> each : amounts.lines().entrySet()) {
            lacking = lacking.and(each.getKey(), each.getValue() - held.getOrDefault(each.getKey(), 0L));
        }
        take(tenant, holder, user, lacking, false);
    }

    private void take(Tenant tenant, UUID holder, UUID user, Amounts amounts, boolean pending) {
        SortedMap<QuotaLine, Long> lines = amounts.lines();
        if (lines.isEmpty()) {
            return;
        }
        makeSure(tenant.id(), lines.keySet());
        Set<String> taken = strings(with(em.createNativeQuery(TAKE, String.class), tenant, lines));
        if (taken.size() < lines.size()) {
            throw exceeded(tenant, lines, taken, null);
        }
        UUID person = user == null || Caller.system("").userId().equals(user) ? null : user;
        Set<String> held = strings(with(em.createNativeQuery(HOLD, String.class), tenant, lines)
                .setParameter("holder", holder)
                .setParameter("user", person == null ? "" : person.toString())
                .setParameter("pending", pending)
                .setParameter("now", Timestamp.from(clock.instant())));
        if (held.size() < lines.size()) {
            throw exceeded(tenant, lines, held, owner(holder).orElse(person));
        }
    }

    private static Query with(Query query, Tenant tenant, SortedMap<QuotaLine, Long> lines) {
        return query.setParameter("tenant", tenant.id())
                .setParameter(
                        "keys", lines.keySet().stream().map(QuotaLine::key).collect(Collectors.joining(",")))
                .setParameter(
                        "amounts", lines.values().stream().map(String::valueOf).collect(Collectors.joining(",")));
    }

    private static Set<String> strings(Query query) {
        return ((List<?>) query.getResultList()).stream().map(String::valueOf).collect(Collectors.toSet());
    }

    /** Lines of profiles come when they are first needed, without a limit unless the tenant's plan has one. */
    private void makeSure(UUID tenantId, Collection<QuotaLine> lines) {
        for (QuotaLine line : lines) {
            if (line.profileId() != null && !there.contains(tenantId + line.key()) && !make(tenantId, line)) {
                there.add(tenantId + line.key());
            }
        }
    }

    private boolean make(UUID tenantId, QuotaLine line) {
        return em.createNativeQuery(
                                """
                                insert into quota (tenant_id, resource, name, quota_limit)
                                select t.id, :resource, :name, l.amount
                                  from tenant t left join plan_limit l on l.plan_id = t.plan_id and l.resource = :resource
                                 where t.id = :tenant
                                on conflict (tenant_id, resource) do nothing""")
                        .setParameter("tenant", tenantId)
                        .setParameter("resource", line.key())
                        .setParameter("name", line.profile())
                        .executeUpdate()
                > 0;
    }

    /** @param person whose share it is about, or null when it is about the tenant's limit */
    private ProblemException exceeded(
            Tenant tenant, SortedMap<QuotaLine, Long> lines, Set<String> passed, UUID person) {
        List<QuotaUse> uses = person == null ? usage(tenant.id()) : shares(tenant.id(), person);
        QuotaLine line = lines.keySet().stream()
                .filter(each -> !passed.contains(each.key()))
                .min(QuotaLine::compareForPeople)
                .orElseThrow();
        QuotaUse use = uses.stream()
                .filter(candidate -> candidate.line().equals(line))
                .findFirst()
                .orElse(new QuotaUse(line, 0, 0, 0, person != null));
        return Wall.refusal(tenant, use, lines.get(line));
    }

    private Optional<UUID> owner(UUID holder) {
        return em.createNativeQuery(
                        "select user_id from quota_hold where holder_id = :holder and user_id is not null limit 1",
                        UUID.class)
                .setParameter("holder", holder)
                .getResultStream()
                .map(UUID.class::cast)
                .findFirst();
    }

    /** What the holder has, by line. */
    @Transactional(Transactional.TxType.MANDATORY)
    public Map<QuotaLine, Long> held(UUID holder) {
        Map<QuotaLine, Long> held = new HashMap<>();
        for (Object[] row : rows(em.createNativeQuery(
                        """
                        select h.resource, q.name, h.amount from quota_hold h
                          join quota q on q.tenant_id = h.tenant_id and q.resource = h.resource
                         where h.holder_id = :holder""",
                        Object[].class)
                .setParameter("holder", holder))) {
            held.put(QuotaLine.of((String) row[0], (String) row[1]), number(row[2]));
        }
        return held;
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

    /** All that one holder has of a line is another's from now on. */
    @Transactional(Transactional.TxType.MANDATORY)
    public void hand(UUID from, UUID to, QuotaLine line) {
        em.createNativeQuery("update quota_hold set holder_id = :to where holder_id = :from and resource = :resource")
                .setParameter("from", from)
                .setParameter("to", to)
                .setParameter("resource", line.key())
                .executeUpdate();
    }

    /**
     * The ledger follows what is so already, whatever the limits say: from now on these holders have just so much of
     * these lines.
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void follow(UUID tenantId, UUID user, Collection<Held> facts) {
        SortedMap<QuotaLine, List<Held>> byLine = new TreeMap<>();
        facts.forEach(held ->
                byLine.computeIfAbsent(held.line(), line -> new ArrayList<>()).add(held));
        makeSure(tenantId, byLine.keySet());
        lock(tenantId, byLine.keySet());
        byLine.values().forEach(list -> list.forEach(held -> follow(tenantId, user, held)));
    }

    /** One holder's part of a line. */
    public record Held(UUID holder, QuotaLine line, long amount) {}

    private void lock(UUID tenantId, Collection<QuotaLine> lines) {
        em.createNativeQuery(
                        """
                        select 1 from quota where tenant_id = :tenant and resource in (:keys)
                         order by resource collate "C" for update""")
                .setParameter("tenant", tenantId)
                .setParameter("keys", lines.stream().map(QuotaLine::key).toList())
                .getResultList();
    }

    private void follow(UUID tenantId, UUID user, Held held) {
        em.createNativeQuery(
                        """
                        update quota set used = used + :amount
                               - coalesce((select amount from quota_hold where holder_id = :holder and resource = :resource), 0)
                         where tenant_id = :tenant and resource = :resource""")
                .setParameter("amount", held.amount())
                .setParameter("holder", held.holder())
                .setParameter("tenant", tenantId)
                .setParameter("resource", held.line().key())
                .executeUpdate();
        if (held.amount() == 0) {
            em.createNativeQuery("delete from quota_hold where holder_id = :holder and resource = :resource")
                    .setParameter("holder", held.holder())
                    .setParameter("resource", held.line().key())
                    .executeUpdate();
            return;
        }
        em.createNativeQuery(
                        """
                        insert into quota_hold (holder_id, resource, tenant_id, amount, pending, created_at, user_id)
                        values (:holder, :resource, :tenant, :amount, false, :now, cast(nullif(:user, '') as uuid))
                        on conflict (holder_id, resource) do update set amount = excluded.amount""")
                .setParameter("holder", held.holder())
                .setParameter("resource", held.line().key())
                .setParameter("tenant", tenantId)
                .setParameter("amount", held.amount())
                .setParameter("user", user == null ? "" : user.toString())
                .setParameter("now", Timestamp.from(clock.instant()))
                .executeUpdate();
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
        release(List.of(holder));
    }

    /**
     * The same for several holders at once. Whoever gives back for more than one does it so: their lines are locked in the
     * order of all.
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void release(Collection<UUID> holders) {
        if (!holders.isEmpty()) {
            giveBack(holders, "");
        }
    }

    /** Gives back what the holder still holds of these lines. */
    @Transactional(Transactional.TxType.MANDATORY)
    public void giveBack(UUID holder, Collection<QuotaLine> lines) {
        giveBack(List.of(holder), lines.stream().map(QuotaLine::key).collect(Collectors.joining(",")));
    }

    /** @param keys of the lines, or empty for all */
    private void giveBack(Collection<UUID> holders, String keys) {
        // The quota before the ledger, as by everybody who takes.
        em.createNativeQuery(
                        """
                        select 1 from quota q
                         where exists (select 1 from quota_hold h where h.holder_id in (:holders)
                                          and h.tenant_id = q.tenant_id and h.resource = q.resource
                                          and (:keys = '' or h.resource = any (string_to_array(:keys, ','))))
                         order by q.tenant_id, q.resource collate "C" for update of q""")
                .setParameter("holders", holders)
                .setParameter("keys", keys)
                .getResultList();
        em.createNativeQuery(
                        """
                        with gone as (delete from quota_hold where holder_id in (:holders)
                                         and (:keys = '' or resource = any (string_to_array(:keys, ',')))
                                      returning tenant_id, resource, amount),
                             sums as (select tenant_id, resource, sum(amount) as amount from gone group by 1, 2)
                        update quota q set used = q.used - s.amount from sums s
                         where q.tenant_id = s.tenant_id and q.resource = s.resource""")
                .setParameter("holders", holders)
                .setParameter("keys", keys)
                .executeUpdate();
    }

    /** Locks all of a tenant's lines, before several of them are changed. */
    @Transactional(Transactional.TxType.MANDATORY)
    void lockAll(UUID tenantId) {
        em.createNativeQuery(
                        """
                        select 1 from quota where tenant_id = :tenant order by resource collate "C" for update""")
                .setParameter("tenant", tenantId)
                .getResultList();
    }

    /** The tenant's standing, one entry for each line that has a limit. */
    @Transactional
    public List<QuotaUse> usage(UUID tenantId) {
        return usage(List.of(tenantId)).getOrDefault(tenantId, List.of());
    }

    /** The same, and the person's with those lines of which a member may hold only a share. */
    @Transactional
    public List<QuotaUse> standing(UUID tenantId, UUID userId) {
        List<QuotaUse> all = new ArrayList<>(usage(tenantId));
        all.addAll(shares(tenantId, userId));
        return all;
    }

    private List<QuotaUse> shares(UUID tenantId, UUID userId) {
        List<QuotaUse> shares = new ArrayList<>();
        for (Object[] row : rows(em.createNativeQuery(
                        """
                        select q.resource, q.name, coalesce(s.share, q.member_share),
                               coalesce(sum(h.amount), 0), coalesce(sum(h.amount) filter (where h.pending), 0)
                          from quota q
                          left join quota_share s
                            on s.tenant_id = q.tenant_id and s.resource = q.resource and s.user_id = :user
                          left join quota_hold h
                            on h.tenant_id = q.tenant_id and h.resource = q.resource and h.user_id = :user
                         where q.tenant_id = :tenant and coalesce(s.share, q.member_share) is not null
                         group by 1, 2, 3""",
                        Object[].class)
                .setParameter("tenant", tenantId)
                .setParameter("user", userId))) {
            shares.add(new QuotaUse(
                    QuotaLine.of((String) row[0], (String) row[1]),
                    number(row[2]),
                    number(row[3]),
                    number(row[4]),
                    true));
        }
        shares.sort((one, other) -> one.line().compareForPeople(other.line()));
        return shares;
    }

    /** The standing of several tenants at once, by the tenant's id; one query for all. */
    @Transactional
    public Map<UUID, List<QuotaUse>> usage(Collection<UUID> tenantIds) {
        if (tenantIds.isEmpty()) {
            return Map.of();
        }
        Map<UUID, List<QuotaUse>> uses = new HashMap<>();
        for (Object[] row : rows(em.createNativeQuery(
                        """
                        select q.tenant_id, q.resource, q.name, q.quota_limit, q.used,
                               coalesce((select sum(h.amount) from quota_hold h where h.tenant_id = q.tenant_id
                                            and h.resource = q.resource and h.pending), 0)
                          from quota q where q.tenant_id in (:tenants) and q.quota_limit is not null""",
                        Object[].class)
                .setParameter("tenants", tenantIds))) {
            uses.computeIfAbsent((UUID) row[0], id -> new ArrayList<>())
                    .add(new QuotaUse(
                            QuotaLine.of((String) row[1], (String) row[2]),
                            number(row[3]),
                            number(row[4]),
                            number(row[5]),
                            false));
        }
        uses.values().forEach(list -> list.sort((one, other) -> one.line().compareForPeople(other.line())));
        return uses;
    }

    /** Sets limits; one below what is used takes nothing away and grants nothing new. */
    @Transactional
    public void setLimits(Caller caller, Tenant tenant, Map<Resource, Long> limits) {
        SortedMap<QuotaLine, Long> lines = new TreeMap<>();
        limits.forEach((resource, limit) -> lines.put(QuotaLine.of(resource), limit));
        setLines(caller, tenant, lines);
    }

    /** Sets one line's limit. @param limit null for what the tenant's plan says */
    @Transactional
    public void setLine(Caller caller, Tenant tenant, QuotaLine line, Long limit) {
        SortedMap<QuotaLine, Long> limits = new TreeMap<>();
        limits.put(line, limit);
        setLines(caller, tenant, limits);
    }

    /** The same, line by line. @param limits null for what the tenant's plan says */
    private void setLines(Caller caller, Tenant tenant, SortedMap<QuotaLine, Long> limits) {
        caller.requireAdmin();
        lockAll(tenant.id());
        Map<String, Object> before = own(tenant, limits.keySet());
        limits.forEach((line, limit) -> {
            if (limit != null && limit < 0) {
                throw ProblemException.invalid(line.resource().key(), "Choose a limit of 0 or more.");
            }
            em.createNativeQuery(
                            """
                            insert into quota (tenant_id, resource, name, own_limit, quota_limit)
                            values (:tenant, :resource, :name, cast(nullif(:limit, '') as bigint), coalesce(cast(nullif(:limit, '') as bigint), 0))
                            on conflict (tenant_id, resource) do update set own_limit = excluded.own_limit""")
                    .setParameter("tenant", tenant.id())
                    .setParameter("resource", line.key())
                    .setParameter("name", line.profile())
                    .setParameter("limit", limit == null ? "" : limit.toString())
                    .executeUpdate();
        });
        renew(List.of(tenant.id()));
        audit.record(caller, "quota.set", subject(tenant), Audit.change(before, own(tenant, limits.keySet())));
    }

    /** What was said of the tenant alone; what is not named follows its plan. */
    @Transactional
    public Map<Resource, Long> ownLimits(Tenant tenant) {
        Map<Resource, Long> own = new HashMap<>();
        for (Object[] row : rows(em.createNativeQuery(
                        """
                        select resource, own_limit from quota
                         where tenant_id = :tenant and name = '' and own_limit is not null""",
                        Object[].class)
                .setParameter("tenant", tenant.id()))) {
            own.put(QuotaLine.of((String) row[0], "").resource(), number(row[1]));
        }
        return own;
    }

    /** What was said of the tenant alone, as the audit log has it. */
    private Map<String, Object> own(Tenant tenant, Collection<QuotaLine> lines) {
        Map<String, Object> own = new HashMap<>();
        for (Object[] row : rows(em.createNativeQuery(
                        "select resource, name, own_limit from quota where tenant_id = :tenant and own_limit is not"
                                + " null",
                        Object[].class)
                .setParameter("tenant", tenant.id()))) {
            QuotaLine line = QuotaLine.of((String) row[0], (String) row[1]);
            if (lines.contains(line)) {
                own.put(auditKey(line), number(row[2]));
            }
        }
        return own;
    }

    static String auditKey(QuotaLine line) {
        return line.profile().isEmpty() ? line.key() : line.resource().key() + ":" + line.profile();
    }

    static Audit.Subject subject(Tenant tenant) {
        return new Audit.Subject("tenant", tenant.id(), tenant.slug(), tenant.id(), tenant.slug());
    }

    /** Brings limits in force to what plans, own limits and grants say now. */
    @Transactional(Transactional.TxType.MANDATORY)
    void renew(Collection<UUID> tenantIds) {
        if (tenantIds.isEmpty()) {
            return;
        }
        em.createNativeQuery(
                        """
                        insert into quota (tenant_id, resource, name, quota_limit)
                        select t.id, l.resource, l.name, l.amount from tenant t join plan_limit l on l.plan_id = t.plan_id
                         where t.id in (:tenants) order by t.id, l.resource collate "C"
                        on conflict (tenant_id, resource) do nothing""")
                .setParameter("tenants", tenantIds)
                .executeUpdate();
        em.createNativeQuery(
                        """
                        select 1 from quota where tenant_id in (:tenants)
                         order by tenant_id, resource collate "C" for update""")
                .setParameter("tenants", tenantIds)
                .getResultList();
        em.createNativeQuery(
                        """
                        update quota q set quota_limit =
                               coalesce(q.own_limit,
                                        (select l.amount from tenant t join plan_limit l on l.plan_id = t.plan_id
                                          where t.id = q.tenant_id and l.resource = q.resource),
                                        case when q.name = '' then 0 end)
                               + coalesce((select sum(g.amount) from quota_grant g
                                            where g.tenant_id = q.tenant_id and g.resource = q.resource
                                              and g.ended_at is null), 0)
                         where q.tenant_id in (:tenants)""")
                .setParameter("tenants", tenantIds)
                .executeUpdate();
    }

    /**
     * How a tenant stands with one line.
     *
     * @param limit null for none
     */
    public record LineLimit(String tenantSlug, Long limit, long used) {}

    /** Who has a limit on a line, by the tenant's short name; for admins. */
    @Transactional
    public List<LineLimit> limited(Caller caller, QuotaLine line) {
        caller.requireSeesAll();
        return rows(em.createNativeQuery(
                                """
                                select t.slug, q.quota_limit, q.used from quota q join tenant t on t.id = q.tenant_id
                                 where q.resource = :resource and q.quota_limit is not null order by t.slug""",
                                Object[].class)
                        .setParameter("resource", line.key()))
                .stream()
                .map(row -> new LineLimit((String) row[0], number(row[1]), number(row[2])))
                .toList();
    }

    /** Tenants and lines whose used is not the ledger's sum; empty when all is exact. */
    @Transactional
    public List<String> drift() {
        return em
                .createNativeQuery(
                        """
                        select t.slug || ' ' || q.resource || ': used ' || q.used || ', ledger ' || coalesce(sum(h.amount), 0)
                          from quota q join tenant t on t.id = q.tenant_id
                          left join quota_hold h on h.tenant_id = q.tenant_id and h.resource = q.resource
                         group by t.slug, q.resource, q.used having q.used <> coalesce(sum(h.amount), 0)""",
                        String.class)
                .getResultList()
                .stream()
                .map(String::valueOf)
                .toList();
    }

    @SuppressWarnings("unchecked")
    private static List<Object[]> rows(Query query) {
        return query.getResultList();
    }

    private static long number(Object value) {
        return ((Number) value).longValue();
    }
}
