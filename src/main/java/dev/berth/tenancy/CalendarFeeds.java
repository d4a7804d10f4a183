package dev.berth.tenancy;

import dev.berth.audit.Audit;
import dev.berth.common.SecretText;
import dev.berth.common.Sha256;
import dev.berth.security.Caller;
import dev.berth.security.User;
import dev.berth.security.Users;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Addresses by which a person's calendar program reads when leases end. It has no login, so a long random token in the
 * address stands for the person; it is shown once and stored as its SHA-256, and opens nothing else.
 */
@ApplicationScoped
public class CalendarFeeds {
    private static final Duration REMEMBERED = Duration.ofHours(1);
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]{43}");

    /** An address that exists. @param usedAt about when it was last read, or null for never */
    public record Feed(Instant createdAt, Instant usedAt) {}

    private final EntityManager em;
    private final Users users;
    private final Audit audit;
    private final Clock clock;

    CalendarFeeds(EntityManager em, Users users, Audit audit, Clock clock) {
        this.em = em;
        this.users = users;
        this.audit = audit;
        this.clock = clock;
    }

    /** The caller's own. */
    @Transactional
    public Optional<Feed> of(Caller caller) {
        List<?> rows = em.createNativeQuery(
                        "select created_at, used_at from calendar_feed where user_id = ?", Object[].class)
                .setParameter(1, caller.userId())
                .getResultList();
        return rows.stream()
                .map(Object[].class::cast)
                .findFirst()
                .map(row -> new Feed((Instant) row[0], (Instant) row[1]));
    }

    /** Makes the caller's address anew; one that was there before opens nothing any more. @return the token */
    @Transactional
    public String make(Caller caller) {
        String token = SecretText.make();
        em.createNativeQuery(
                        """
                        insert into calendar_feed (user_id, digest, created_at) values (?, ?, ?)
                        on conflict (user_id) do update
                           set digest = excluded.digest, created_at = excluded.created_at, used_at = null""")
                .setParameter(1, caller.userId())
                .setParameter(2, Sha256.hex(token))
                .setParameter(3, clock.instant())
                .executeUpdate();
        audit.record(caller, "calendar.make", subject(caller), Map.of());
        return token;
    }

    /** The caller's address opens nothing any more. */
    @Transactional
    public void revoke(Caller caller) {
        int gone = em.createNativeQuery("delete from calendar_feed where user_id = ?")
                .setParameter(1, caller.userId())
                .executeUpdate();
        if (gone > 0) {
            audit.record(caller, "calendar.revoke", subject(caller), Map.of());
        }
    }

    /** Whose calendar this token opens; empty also for a person whose account is disabled. */
    @Transactional
    public Optional<User> open(String token) {
        if (token == null || !SHAPE.matcher(token).matches()) {
            return Optional.empty();
        }
        List<?> rows = em.createNativeQuery("select user_id from calendar_feed where digest = ?", UUID.class)
                .setParameter(1, Sha256.hex(token))
                .getResultList();
        Optional<User> user = rows.stream()
                .map(UUID.class::cast)
                .findFirst()
                .flatMap(users::byId)
                .filter(found -> !found.disabled());
        // Programs read it all day long; once an hour is written down.
        user.ifPresent(found -> em.createNativeQuery(
                        """
                        update calendar_feed set used_at = :now
                         where user_id = :user and (used_at is null or used_at < :before)""")
                .setParameter("now", clock.instant())
                .setParameter("before", clock.instant().minus(REMEMBERED))
                .setParameter("user", found.id())
                .executeUpdate());
        return user;
    }

    private static Audit.Subject subject(Caller caller) {
        return Audit.Subject.global("user", caller.userId(), caller.username());
    }
}
