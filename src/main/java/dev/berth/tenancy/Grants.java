package dev.berth.tenancy;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.Notice;
import dev.berth.common.ProblemException;
import dev.berth.common.SqlTimes;
import dev.berth.security.Caller;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import jakarta.transaction.Transactional;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** More of a line of a tenant's quota: for good, or until a date, after which the limit is what it was. */
@ApplicationScoped
public class Grants {
    static final Duration WARNING = Duration.ofDays(1);
    private static final Duration LONGEST = Duration.ofDays(366);
    private static final Caller CLOCK = Caller.system("clock");

    /** More until a date. */
    public record Grant(UUID id, QuotaLine line, long amount, Instant until, String grantedBy, Instant grantedAt) {
        public String words() {
            return line.amount(amount) + " more " + line.label();
        }
    }

    private final EntityManager em;
    private final Quotas quotas;
    private final Audit audit;
    private final Event<Notice> notices;
    private final Clock clock;

    Grants(EntityManager em, Quotas quotas, Audit audit, Event<Notice> notices, Clock clock) {
        this.em = em;
        this.quotas = quotas;
        this.audit = audit;
        this.notices = notices;
        this.clock = clock;
    }

    /** Those of the tenant that have not ended, the first to end first. */
    @Transactional
    public List<Grant> list(UUID tenantId) {
        return rows(em.createNativeQuery(
                                """
                        select g.id, g.resource, q.name, g.amount, g.until, g.granted_by, g.granted_at
                          from quota_grant g join quota q on q.tenant_id = g.tenant_id and q.resource = g.resource
                         where g.tenant_id = :tenant and g.ended_at is null order by g.until, g.id""",
                                Object[].class)
                        .setParameter("tenant", tenantId))
                .stream()
                .map(row -> new Grant(
                        (UUID) row[0],
                        QuotaLine.of((String) row[1], (String) row[2]),
                        ((Number) row[3]).longValue(),
                        SqlTimes.instant(row[4]),
                        (String) row[5],
                        SqlTimes.instant(row[6])))
                .toList();
    }

    /** The tenant's own limit goes up for good. */
    @Transactional
    public void raise(Caller caller, Tenant tenant, QuotaLine line, long more) {
        caller.requireAdmin();
        quotas.lockAll(tenant.id());
        quotas.setLine(caller, tenant, line, lasting(tenant, line) + more);
        tell(tenant, "quota-raise:" + UUID.randomUUID(), line, "has a higher limit", "It stays so.");
    }

    /** The limit without what was granted until a date. */
    private long lasting(Tenant tenant, QuotaLine line) {
        List<?> limits = em.createNativeQuery(
                        """
                        select q.quota_limit - coalesce((select sum(g.amount) from quota_grant g
                                where g.tenant_id = q.tenant_id and g.resource = q.resource and g.ended_at is null), 0)
                          from quota q where q.tenant_id = :tenant and q.resource = :resource
                           and q.quota_limit is not null""",
                        Object.class)
                .setParameter("tenant", tenant.id())
                .setParameter("resource", line.key())
                .getResultList();
        if (limits.isEmpty()) {
            throw ProblemException.conflict("no-limit", "There is no limit on this, so nothing need be asked for.");
        }
        return ((Number) limits.get(0)).longValue();
    }

    /** What is wrong with an end, field by field. */
    public Checks check(Checks checks, String field, Instant until) {
        Instant now = clock.instant();
        return checks.require(
                field,
                until == null || until.isAfter(now) && until.isBefore(now.plus(LONGEST)),
                "Choose a day to come, at most a year from now, or none.");
    }

    /** More until a date. */
    @Transactional
    public Grant add(Caller caller, Tenant tenant, QuotaLine line, long amount, Instant until) {
        caller.requireAdmin();
        check(new Checks().range("more", amount, 1, Integer.MAX_VALUE, ""), "until", until)
                .require("until", until != null, "Say until when.")
                .throwIfAny();
        quotas.lockAll(tenant.id());
        lasting(tenant, line);
        Grant grant = new Grant(UUID.randomUUID(), line, amount, until, caller.username(), clock.instant());
        em.createNativeQuery(
                        """
                        insert into quota_grant (id, tenant_id, resource, amount, until, granted_by, granted_at)
                        values (:id, :tenant, :resource, :amount, :until, :by, :now)""")
                .setParameter("id", grant.id())
                .setParameter("tenant", tenant.id())
                .setParameter("resource", line.key())
                .setParameter("amount", amount)
                .setParameter("until", Timestamp.from(until))
                .setParameter("by", grant.grantedBy())
                .setParameter("now", Timestamp.from(grant.grantedAt()))
                .executeUpdate();
        quotas.renew(List.of(tenant.id()));
        audit.record(
                caller,
                "quota.grant",
                Quotas.subject(tenant),
                Map.of(Quotas.auditKey(line), amount, "until", until.toString()));
        tell(
                tenant,
                "quota-grant:" + grant.id(),
                line,
                "has a higher limit",
                "%s more until %s.".formatted(line.amount(amount), until));
        return grant;
    }

    /** Ends a grant before its time. What is in use stays. */
    @Transactional
    public void end(Caller caller, Tenant tenant, UUID id) {
        caller.requireAdmin();
        Grant grant = list(tenant.id()).stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> ProblemException.notFound("grant"));
        end(caller, tenant, grant);
    }

    private void end(Caller caller, Tenant tenant, Grant grant) {
        quotas.lockAll(tenant.id());
        // Of several that see its end at once, one ends it.
        if (em.createNativeQuery("update quota_grant set ended_at = :now where id = :id and ended_at is null")
                        .setParameter("now", Timestamp.from(clock.instant()))
                        .setParameter("id", grant.id())
                        .executeUpdate()
                == 0) {
            return;
        }
        quotas.renew(List.of(tenant.id()));
        audit.record(
                caller,
                "quota.end-grant",
                Quotas.subject(tenant),
                Map.of(
                        Quotas.auditKey(grant.line()),
                        grant.amount(),
                        "until",
                        grant.until().toString()));
        tell(
                tenant,
                "quota-grant-end:" + grant.id(),
                grant.line(),
                "has its old limit again",
                "The %s more that were granted have ended. What is in use stays; nothing new is granted over the limit."
                        .formatted(grant.line().amount(grant.amount())));
    }

    /** Ends what is due and warns of what soon is. Each tenant's in a transaction of its own. */
    public void expire() {
        Instant now = clock.instant();
        for (Tenant tenant : QuarkusTransaction.requiringNew().call(() -> due(now.plus(WARNING)))) {
            QuarkusTransaction.requiringNew().run(() -> {
                for (Grant grant : list(tenant.id())) {
                    if (!grant.until().isAfter(now)) {
                        end(CLOCK, tenant, grant);
                    } else if (!grant.until().isAfter(now.plus(WARNING))) {
                        warn(tenant, grant);
                    }
                }
            });
        }
    }

    private List<Tenant> due(Instant before) {
        return rows(em.createNativeQuery(
                                """
                        select distinct t.id, t.slug, t.name from quota_grant g join tenant t on t.id = g.tenant_id
                         where g.ended_at is null and g.until <= :before""",
                                Object[].class)
                        .setParameter("before", Timestamp.from(before)))
                .stream()
                .map(row -> new Tenant((UUID) row[0], (String) row[1], (String) row[2]))
                .toList();
    }

    private void warn(Tenant tenant, Grant grant) {
        int first = em.createNativeQuery("update quota_grant set warned_at = :now where id = :id and warned_at is null")
                .setParameter("now", Timestamp.from(clock.instant()))
                .setParameter("id", grant.id())
                .executeUpdate();
        if (first > 0) {
            tell(
                    tenant,
                    "quota-grant-warning:" + grant.id(),
                    grant.line(),
                    "soon has its old limit again",
                    "The %s more that were granted end at %s. Ask for more if they are still needed."
                            .formatted(grant.line().amount(grant.amount()), grant.until()));
        }
    }

    private void tell(Tenant tenant, String key, QuotaLine line, String what, String text) {
        notices.fire(new Notice(
                Notice.Topic.QUOTA,
                new Notice.Audience.Team(tenant.id()),
                key,
                "%s %s: %s".formatted(tenant.name(), what, line.label()),
                text,
                "/t/" + tenant.slug() + "/quota"));
    }

    @SuppressWarnings("unchecked")
    private static List<Object[]> rows(Query query) {
        return query.getResultList();
    }
}
