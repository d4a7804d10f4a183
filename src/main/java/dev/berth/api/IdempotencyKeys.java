package dev.berth.api;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The keys under which calls were made, with the answers they got. */
@ApplicationScoped
public class IdempotencyKeys {
    /** What was answered: status, {@code Location} or null, and the body as JSON or empty. */
    record Answer(int status, String location, String body) {}

    /** What a key was used for before. */
    record Used(String request, Answer answer) {}

    private final EntityManager em;
    private final Clock clock;

    IdempotencyKeys(EntityManager em, Clock clock) {
        this.em = em;
        this.clock = clock;
    }

    /**
     * Takes the key in the transaction at hand. A twin that is under way is waited for: the unique row makes sure of it.
     *
     * @param request what is asked, so that the key can't stand for something else
     * @return what the key was used for before, or empty when it is the caller's from now on
     */
    @Transactional(Transactional.TxType.MANDATORY)
    Optional<Used> take(UUID userId, String key, String request) {
        int taken = em.createNativeQuery(
                        """
                        insert into idempotency_key (user_id, key, request, status, body, created_at)
                        values (:user, :key, :request, 0, '', :now) on conflict do nothing""")
                .setParameter("user", userId)
                .setParameter("key", key)
                .setParameter("request", request)
                .setParameter("now", Timestamp.from(clock.instant()))
                .executeUpdate();
        return taken == 1 ? Optional.empty() : Optional.of(find(userId, key));
    }

    private Used find(UUID userId, String key) {
        @SuppressWarnings("unchecked")
        List<Object[]> rows = em.createNativeQuery(
                        "select request, status, location, body from idempotency_key where user_id = :user and key = :key")
                .setParameter("user", userId)
                .setParameter("key", key)
                .getResultList();
        Object[] row = rows.get(0);
        return new Used((String) row[0], new Answer(((Number) row[1]).intValue(), (String) row[2], (String) row[3]));
    }

    @Transactional(Transactional.TxType.MANDATORY)
    void answered(UUID userId, String key, Answer answer) {
        em.createNativeQuery(
                        """
                        update idempotency_key set status = :status, location = :location, body = :body
                         where user_id = :user and key = :key""")
                .setParameter("status", answer.status())
                .setParameter("location", answer.location())
                .setParameter("body", answer.body())
                .setParameter("user", userId)
                .setParameter("key", key)
                .executeUpdate();
    }

    /** Forgets the keys that were used before this moment; a call that comes again after that is done again. */
    @Transactional
    public int purge(Instant before) {
        return em.createNativeQuery("delete from idempotency_key where created_at < :before")
                .setParameter("before", Timestamp.from(before))
                .executeUpdate();
    }
}
