package dev.berth.tenancy;

import dev.berth.audit.Audit;
import dev.berth.common.Notice;
import dev.berth.common.ProblemException;
import dev.berth.common.SqlTimes;
import dev.berth.security.Caller;
import io.quarkus.arc.All;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Compares what is counted with the ledger, and the ledger with what there is. Should the two ever differ, a person
 * reads how, and puts it right with one click: the ledger follows what there is, and the count follows the ledger.
 */
@ApplicationScoped
public class LedgerCheck {
    private static final Logger LOG = Logger.getLogger(LedgerCheck.class);
    private static final String FIRST = "set transaction isolation level repeatable read";

    /**
     * One difference.
     *
     * @param key what tells it from the others, for the repair
     * @param holder whose part of the ledger it is about, or null for the count
     * @param words a sentence
     */
    public record Difference(
            String key, UUID tenantId, String tenantSlug, QuotaLine line, UUID holder, String words, Held repair) {}

    /** What the ledger should say. */
    record Held(long amount, UUID user) {}

    /**
     * How the last look of the job came out.
     *
     * @param at null when there was none
     */
    public record Last(Instant at, long differences) {}

    private record Row(UUID holder, UUID tenantId, QuotaLine line, long amount, boolean pending) {}

    private final EntityManager em;
    private final Quotas quotas;
    private final List<LedgerSource> sources;
    private final Audit audit;
    private final Event<Notice> notices;
    private final Clock clock;

    LedgerCheck(
            EntityManager em,
            Quotas quotas,
            @All List<LedgerSource> sources,
            Audit audit,
            Event<Notice> notices,
            Clock clock) {
        this.em = em;
        this.quotas = quotas;
        this.sources = sources;
        this.audit = audit;
        this.notices = notices;
        this.clock = clock;
    }

    /** All differences, seen at one moment; for admins. */
    @Transactional(Transactional.TxType.REQUIRES_NEW)
    public List<Difference> differences(Caller caller) {
        caller.requireSeesAll();
        em.createNativeQuery(FIRST).executeUpdate();
        return compare(null);
    }

    /** What counts and is no longer on its host, as the last look at the host has it; for admins. */
    @Transactional
    public List<LedgerSource.Missing> missing(Caller caller) {
        caller.requireSeesAll();
        return sources.stream().flatMap(source -> source.missing().stream()).toList();
    }

    /** The job's look: notes the outcome, and tells admins of differences once a day. */
    @Transactional(Transactional.TxType.REQUIRES_NEW)
    public int run() {
        em.createNativeQuery(FIRST).executeUpdate();
        List<Difference> found = compare(null);
        em.createNativeQuery("update quota_setting set checked_at = :now, differences = :count")
                .setParameter("now", Timestamp.from(clock.instant()))
                .setParameter("count", found.size())
                .executeUpdate();
        if (!found.isEmpty()) {
            found.forEach(one -> LOG.warnf(
                    "Ledger of %s, %s: %s", one.tenantSlug(), one.line().label(), one.words()));
            notices.fire(new Notice(
                    Notice.Topic.QUOTA,
                    new Notice.Audience.Admins(),
                    "ledger:" + clock.instant().truncatedTo(java.time.temporal.ChronoUnit.DAYS),
                    "The quota ledger differs from what there is",
                    found.size() + " differences were found. Look at them and have them repaired.",
                    "/admin/ledger"));
        }
        return found.size();
    }

    @Transactional
    public Last last() {
        Object[] row =
                (Object[]) em.createNativeQuery("select checked_at, differences from quota_setting", Object[].class)
                        .getSingleResult();
        return new Last(SqlTimes.instant(row[0]), ((Number) row[1]).longValue());
    }

    private List<Difference> compare(UUID tenantId) {
        Map<UUID, String> slugs = new HashMap<>();
        rows("select id, slug from tenant").forEach(row -> slugs.put((UUID) row[0], (String) row[1]));
        List<Difference> found = new ArrayList<>(counts(tenantId, slugs));
        Map<String, Row> ledger = ledger(tenantId);
        Set<UUID> comers =
                sources.stream().flatMap(one -> one.comers().stream()).collect(Collectors.toSet());
        Set<String> there = new HashSet<>();
        for (LedgerSource source : sources) {
            for (LedgerSource.Fact fact : source.facts(tenantId)) {
                String key = key(fact.holder(), fact.line());
                there.add(key);
                Row row = ledger.get(key);
                long held = row == null ? 0 : row.amount();
                if (held < fact.least() || held > fact.most()) {
                    found.add(new Difference(
                            key,
                            fact.tenantId(),
                            slugs.get(fact.tenantId()),
                            fact.line(),
                            fact.holder(),
                            "%s has %s of %s, and the ledger says %s."
                                    .formatted(
                                            capital(fact.words()),
                                            fact.line().amount(fact.most()),
                                            fact.line().label(),
                                            held == 0 ? "nothing" : fact.line().amount(held)),
                            new Held(fact.most(), fact.user())));
                }
            }
        }
        ledger.forEach((key, row) -> {
            if (!there.contains(key) && !comers.contains(row.holder())) {
                found.add(new Difference(
                        key,
                        row.tenantId(),
                        slugs.get(row.tenantId()),
                        row.line(),
                        row.holder(),
                        "The ledger says %s of %s for something that is not there (%s)."
                                .formatted(
                                        row.line().amount(row.amount()),
                                        row.line().label(),
                                        row.holder()),
                        new Held(0, null)));
            }
        });
        return found;
    }

    private List<Difference> counts(UUID tenantId, Map<UUID, String> slugs) {
        return rows(
                        """
                        select q.tenant_id, q.resource, q.name, q.used, coalesce(sum(h.amount), 0) from quota q
                          left join quota_hold h on h.tenant_id = q.tenant_id and h.resource = q.resource
                         group by 1, 2, 3, 4 having q.used <> coalesce(sum(h.amount), 0) order by 1, 2""")
                .stream()
                .filter(row -> tenantId == null || tenantId.equals(row[0]))
                .map(row -> {
                    QuotaLine line = QuotaLine.of((String) row[1], (String) row[2]);
                    long sum = ((Number) row[4]).longValue();
                    return new Difference(
                            key(null, line) + ":" + row[0],
                            (UUID) row[0],
                            slugs.get((UUID) row[0]),
                            line,
                            null,
                            "%s counts as in use, and the ledger's rows come to %s."
                                    .formatted(line.amount(((Number) row[3]).longValue()), line.amount(sum)),
                            new Held(sum, null));
                })
                .toList();
    }

    private Map<String, Row> ledger(UUID tenantId) {
        Map<String, Row> ledger = new HashMap<>();
        rows("""
                        select h.holder_id, h.tenant_id, h.resource, q.name, h.amount, h.pending
                          from quota_hold h join quota q on q.tenant_id = h.tenant_id and q.resource = h.resource""")
                .forEach(cells -> {
                    Row row = new Row(
                            (UUID) cells[0],
                            (UUID) cells[1],
                            QuotaLine.of((String) cells[2], (String) cells[3]),
                            ((Number) cells[4]).longValue(),
                            (boolean) cells[5]);
                    if (tenantId == null || tenantId.equals(row.tenantId())) {
                        ledger.put(key(row.holder(), row.line()), row);
                    }
                });
        return ledger;
    }

    /**
     * Puts one difference right, if it is still there. The line is locked first, so that nobody takes or gives back
     * meanwhile.
     *
     * @param key of the difference
     */
    @Transactional
    public Difference repair(Caller caller, UUID tenantId, String key) {
        caller.requireAdmin();
        quotas.lockAll(tenantId);
        Difference difference = compare(tenantId).stream()
                .filter(one -> one.key().equals(key))
                .findFirst()
                .orElseThrow(
                        () -> ProblemException.conflict("changed-meanwhile", "This difference is no longer there."));
        if (difference.holder() != null) {
            quotas.follow(
                    tenantId,
                    difference.repair().user(),
                    List.of(new Quotas.Held(
                            difference.holder(),
                            difference.line(),
                            difference.repair().amount())));
        } else {
            em.createNativeQuery("update quota set used = :used where tenant_id = :tenant and resource = :resource")
                    .setParameter("used", difference.repair().amount())
                    .setParameter("tenant", tenantId)
                    .setParameter("resource", difference.line().key())
                    .executeUpdate();
        }
        audit.record(
                caller,
                "quota.repair",
                new Audit.Subject("tenant", tenantId, difference.tenantSlug(), tenantId, difference.tenantSlug()),
                Map.of("line", Quotas.auditKey(difference.line()), "difference", difference.words()));
        return difference;
    }

    private static String key(UUID holder, QuotaLine line) {
        return (holder == null ? "count" : holder) + "/" + line.key();
    }

    private static String capital(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    @SuppressWarnings("unchecked")
    private List<Object[]> rows(String sql) {
        return em.createNativeQuery(sql, Object[].class).getResultList();
    }
}
