package dev.berth.usage;

import dev.berth.common.BerthConfig;
import dev.berth.common.Rounds;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jboss.logging.Logger;

/**
 * Adds up days from spans. A day is always made anew as a whole, so doing it twice, or after days without, changes nothing;
 * once it is over and added up after its midnight (UTC), it stays as it is.
 */
@ApplicationScoped
public class Accrual {
    private static final Logger LOG = Logger.getLogger(Accrual.class);
    /** Spans are needed for days that are open; some more for looking things up. */
    private static final int SPAN_DAYS = 35;

    private final EntityManager em;
    private final UsageConfig config;
    private final BerthConfig berth;
    private final Clock clock;
    private final Rounds rounds = new Rounds("usage");

    Accrual(EntityManager em, UsageConfig config, BerthConfig berth, Clock clock) {
        this.em = em;
        this.config = config;
        this.berth = berth;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        if (berth.web()) {
            rounds.every(config.interval(), this::run, "Usage could not be added up; it will be next time");
        }
    }

    void stop(@Observes ShutdownEvent event) {
        rounds.close();
    }

    /** Brings all open days up to date. Of several processes, one at a time does. */
    @Transactional
    public void run() {
        // The row is the lock: whoever comes second sees what the first has closed.
        LocalDate closed = LocalDate.parse(String.valueOf(
                em.createNativeQuery("select cast(closed_day as text) from usage_mark for update", String.class)
                        .getSingleResult()));
        Instant now = clock.instant();
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        if (!closed.isBefore(today)) {
            closed = reopen(today);
        }
        for (LocalDate day = closed.plusDays(1); !day.isAfter(today); day = day.plusDays(1)) {
            addUp(day, now);
        }
        if (today.minusDays(1).isAfter(closed)) {
            close(today.minusDays(1));
            // Seen from the day that was closed before: a clock that is ahead takes no spans of open days with it.
            em.createNativeQuery("delete from usage_span where ended_at < :before")
                    .setParameter("before", Timestamp.from(start(closed.minusDays(SPAN_DAYS))))
                    .executeUpdate();
        }
        noteQuotas(today);
    }

    /** The clock was ahead for a while: the days that it closed are yet to come. */
    private LocalDate reopen(LocalDate today) {
        LOG.warnf("Days after %s were added up already: the clock was ahead. They are added up anew.", today);
        em.createNativeQuery("delete from usage_day where day > cast(:day as date)")
                .setParameter("day", today)
                .executeUpdate();
        close(today.minusDays(1));
        return today.minusDays(1);
    }

    private void close(LocalDate day) {
        em.createNativeQuery("update usage_mark set closed_day = cast(:day as date)")
                .setParameter("day", day)
                .executeUpdate();
    }

    private void addUp(LocalDate day, Instant now) {
        em.createNativeQuery("delete from usage_day where day = :day")
                .setParameter("day", day)
                .executeUpdate();
        em.createNativeQuery(
                        """
                        insert into usage_day (day, tenant_id, tenant_slug, owner_name, template_name,
                                               vcpu_seconds, memory_mib_seconds, disk_gib_seconds)
                        select cast(:day as date), tenant_id, max(tenant_slug), owner_name, template_name,
                               sum(vcpus * seconds), sum(memory_mib * seconds), sum(disk_gib * seconds)
                          from (select s.*, extract(epoch from least(coalesce(ended_at, cast(:now as timestamptz)), cast(:until as timestamptz))
                                                             - greatest(began_at, cast(:since as timestamptz))) as seconds
                                  from usage_span s
                                 where began_at < least(cast(:now as timestamptz), cast(:until as timestamptz)) and coalesce(ended_at, cast(:now as timestamptz)) > cast(:since as timestamptz)) spans
                         group by tenant_id, owner_name, template_name""")
                .setParameter("day", day)
                .setParameter("now", Timestamp.from(now))
                .setParameter("since", Timestamp.from(start(day)))
                .setParameter("until", Timestamp.from(start(day.plusDays(1))))
                .executeUpdate();
    }

    private void noteQuotas(LocalDate day) {
        em.createNativeQuery(
                        """
                        insert into usage_quota_day (day, tenant_id, line, used)
                        select cast(:day as date), tenant_id, resource, used from quota
                        on conflict (tenant_id, line, day) do update set used = excluded.used""")
                .setParameter("day", day)
                .executeUpdate();
    }

    private static Instant start(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }
}
