package dev.berth.notices;

import dev.berth.common.Notice;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What is to be sent, and what became of it. Whoever sends claims a row first: the attempt counts and the row is due
 * again later, so a process that dies while it sends leaves it to the next one. A death between sending and writing that
 * down is the one case in which something goes out twice, under the same id.
 */
@ApplicationScoped
class Deliveries {
    /** Longer than anything that is sent may take. */
    static final Duration CLAIM = Duration.ofMinutes(2);

    private static final int MAX_ERROR = 500;

    @ApplicationScoped
    static class DeliveryRepository implements PanacheRepositoryBase<DeliveryEntity, UUID> {}

    /** One that is ours to send now. @param attempt which try it is, from 1 */
    record Claim(
            UUID id, UUID noticeId, UUID webhookId, UUID invitationId, Notice.Topic topic, String body, int attempt) {}

    private final DeliveryRepository deliveries;
    private final NoticesConfig config;
    private final Clock clock;

    Deliveries(DeliveryRepository deliveries, NoticesConfig config, Clock clock) {
        this.deliveries = deliveries;
        this.config = config;
        this.clock = clock;
    }

    /**
     * Takes the one that has been due for longest. Of one webhook's, one at a time, so that a slow one holds up itself.
     *
     * @param webhooks those of webhooks, or those of mail
     */
    @Transactional
    Optional<Claim> claim(boolean webhooks) {
        Instant now = clock.instant();
        List<?> rows = deliveries
                .getEntityManager()
                .createNativeQuery(
                        """
                        update delivery set attempts = attempts + 1, due_at = cast(:until as timestamptz), claimed_until = cast(:until as timestamptz)
                         where id = (select d.id from delivery d
                                      where d.state = 'WAITING' and d.due_at <= cast(:now as timestamptz) and (d.webhook_id is not null) = cast(:webhooks as boolean)
                                        and not exists (select 1 from delivery other
                                                         where other.webhook_id = d.webhook_id and other.id <> d.id
                                                           and other.state = 'WAITING' and other.claimed_until > cast(:now as timestamptz))
                                      order by d.due_at, d.id limit 1 for update skip locked)
                        returning id, notice_id, webhook_id, invitation_id, topic, body, attempts""",
                        Object[].class)
                .setParameter("until", Timestamp.from(now.plus(CLAIM)))
                .setParameter("now", Timestamp.from(now))
                .setParameter("webhooks", webhooks)
                .getResultList();
        return rows.stream()
                .map(Object[].class::cast)
                .findFirst()
                .map(row -> new Claim(
                        (UUID) row[0],
                        (UUID) row[1],
                        (UUID) row[2],
                        (UUID) row[3],
                        Notice.Topic.valueOf((String) row[4]),
                        (String) row[5],
                        ((Number) row[6]).intValue()));
    }

    @Transactional
    void sent(Claim claim, int status) {
        deliveries.update(
                "state = ?1, status = ?2, error = '', finishedAt = ?3, claimedUntil = null"
                        + " where id = ?4 and attempts = ?5 and state = ?6",
                Delivery.State.SENT,
                status,
                clock.instant(),
                claim.id(),
                claim.attempt(),
                Delivery.State.WAITING);
    }

    /** It will be tried again after a pause, or was tried often enough. */
    @Transactional
    void failed(Claim claim, int status, String error) {
        List<Duration> pauses = config.retryPauses();
        boolean last = claim.attempt() > pauses.size();
        Instant now = clock.instant();
        deliveries.update(
                "state = ?1, status = ?2, error = ?3, finishedAt = ?4, dueAt = ?5, claimedUntil = null"
                        + " where id = ?6 and attempts = ?7 and state = ?8",
                last ? Delivery.State.FAILED : Delivery.State.WAITING,
                status,
                Announcer.line(error, MAX_ERROR),
                last ? now : null,
                last ? now : now.plus(pauses.get(claim.attempt() - 1)),
                claim.id(),
                claim.attempt(),
                Delivery.State.WAITING);
    }

    /** Nobody is to get it any more. */
    @Transactional
    void drop(Claim claim, String why) {
        deliveries.update(
                "state = ?1, error = ?2, finishedAt = ?3, claimedUntil = null where id = ?4 and state = ?5",
                Delivery.State.FAILED,
                why,
                clock.instant(),
                claim.id(),
                Delivery.State.WAITING);
    }

    /** Forgets what is old: a row of the log, and notices with theirs. */
    @Transactional
    void forget() {
        Instant before = clock.instant().minus(config.keep());
        deliveries.delete("createdAt < ?1 and state <> ?2", before, Delivery.State.WAITING);
        deliveries
                .getEntityManager()
                .createQuery("delete from NoticeEntity where createdAt < :before")
                .setParameter("before", before)
                .executeUpdate();
    }
}
