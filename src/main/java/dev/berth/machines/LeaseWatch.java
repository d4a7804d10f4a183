package dev.berth.machines;

import dev.berth.common.Ticker;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Which process keeps leases, and how long they have been kept, counted from look to look by time that really passed:
 * the lesser of what the clock and what the process's own count say. So setting the clock, however far, counts for
 * nothing, and neither does the time in which no process was there.
 */
@ApplicationScoped
class LeaseWatch {
    private static final Logger LOG = Logger.getLogger(LeaseWatch.class);
    /** Clocks are set right by a little all the time. */
    private static final Duration TOLERANCE = Duration.ofMinutes(1);
    /** After so many looks that another process missed, this one takes over. */
    private static final int MISSED = 3;

    /**
     * Where the count stands.
     *
     * @param calm nothing was wrong with the clock for as long as it should be
     */
    record Count(long watchedMs, boolean calm) {}

    private final EntityManager em;
    private final LeasesConfig config;
    private final Clock clock;
    private final Ticker ticker;
    private final UUID me = UUID.randomUUID();
    private Duration lastTick;

    LeaseWatch(EntityManager em, LeasesConfig config, Clock clock, Ticker ticker) {
        this.em = em;
        this.config = config;
        this.clock = clock;
        this.ticker = ticker;
    }

    /** One look. @return empty when another process keeps leases */
    @Transactional
    Optional<Count> look() {
        Instant now = clock.instant();
        Duration tick = ticker.now();
        em.createNativeQuery(
                        """
                        insert into lease_watch (keeper, looked_at, watched_ms, calm_ms)
                        values (:me, :now, 0, 0) on conflict do nothing""")
                .setParameter("me", me)
                .setParameter("now", now)
                .executeUpdate();
        Object[] row = (Object[]) em.createNativeQuery(
                        "select keeper, looked_at, watched_ms, calm_ms from lease_watch for update", Object[].class)
                .getSingleResult();
        boolean mine = me.equals(row[0]);
        Duration byClock = Duration.between((Instant) row[1], now);
        long watched = ((Number) row[2]).longValue();
        long calm = ((Number) row[3]).longValue();
        if (!mine && byClock.abs().compareTo(config.lookInterval().multipliedBy(MISSED)) < 0) {
            lastTick = null;
            return Optional.empty();
        }
        if (!mine || lastTick == null) {
            calm = watched;
        } else {
            Duration real = tick.minus(lastTick);
            watched += Math.max(0, Math.min(byClock.toMillis(), real.toMillis()));
            Duration moved = byClock.minus(real);
            if (moved.abs().compareTo(TOLERANCE) > 0) {
                LOG.warnf("The clock moved by %s; leases wait for %s", moved, config.settle());
                calm = watched;
            }
        }
        em.createNativeQuery(
                        "update lease_watch set keeper = :me, looked_at = :now, watched_ms = :watched, calm_ms = :calm")
                .setParameter("me", me)
                .setParameter("now", now)
                .setParameter("watched", watched)
                .setParameter("calm", calm)
                .executeUpdate();
        lastTick = tick;
        return Optional.of(new Count(watched, watched - calm >= config.settle().toMillis()));
    }
}
