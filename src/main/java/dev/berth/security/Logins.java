package dev.berth.security;

import dev.berth.common.BerthConfig;
import dev.berth.common.Notifications;
import dev.berth.common.Rounds;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;

/**
 * Who is signed in. A login is known to all web processes, so that its end is one everywhere: the next request with its
 * cookie is nobody's, and each process is told to close what it holds open ({@link LoginEnded}). Only a right password
 * or a provider's word makes one; what strangers send makes none.
 */
@ApplicationScoped
public class Logins {
    /** How exactly it is known when a login was last used: each page would write it else. */
    public static final Duration PRECISION = Duration.ofSeconds(15);

    private static final String CHANNEL = "berth_logins";
    private static final int ID_BYTES = 16;
    private static final int LONGEST_AGENT = 200;

    @ApplicationScoped
    static class LoginRepository implements PanacheRepositoryBase<LoginEntity, String> {
        /** A cookie that old has lost its worth by itself. */
        @Transactional
        void purge(Instant before) {
            delete("seenAt < ?1", before);
        }
    }

    private final LoginRepository logins;
    private final EntityManager em;
    private final DataSource dataSource;
    private final BerthConfig berth;
    private final AuthConfig config;
    private final Event<LoginEnded> ended;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final Rounds rounds = new Rounds("logins-purge");
    private Notifications notifications;

    Logins(
            LoginRepository logins,
            EntityManager em,
            DataSource dataSource,
            BerthConfig berth,
            AuthConfig config,
            Event<LoginEnded> ended,
            Clock clock) {
        this.logins = logins;
        this.em = em;
        this.dataSource = dataSource;
        this.berth = berth;
        this.config = config;
        this.ended = ended;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        if (berth.web()) {
            notifications = new Notifications(CHANNEL, dataSource, id -> ended.fire(new LoginEnded(id)));
            rounds.every(Duration.ofMinutes(1), Duration.ofHours(1), this::purge, "Old logins stay for now");
        }
    }

    void stop(@Observes ShutdownEvent event) {
        rounds.close();
        if (notifications != null) {
            notifications.close();
        }
    }

    /**
     * Begins one and returns its id.
     *
     * @param session the provider's own session that it belongs to, or null
     */
    @Transactional
    String begin(UUID userId, String address, String agent, String session) {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        LoginEntity login = new LoginEntity();
        login.id = HexFormat.of().formatHex(id);
        login.userId = userId;
        login.begunAt = clock.instant();
        login.seenAt = login.begunAt;
        login.address = address;
        login.agent = agent == null ? "" : agent.substring(0, Math.min(agent.length(), LONGEST_AGENT));
        login.session = session;
        logins.persist(login);
        return login.id;
    }

    /** Whose login it is, unless it has ended; notes that it was seen. */
    @Transactional
    Optional<UUID> user(String id) {
        LoginEntity login = logins.findById(id);
        if (login == null || login.endedAt != null) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        if (login.seenAt.isBefore(now.minus(PRECISION))) {
            // Not through the entity: two requests at once are no conflict.
            logins.update("seenAt = ?1 where id = ?2 and seenAt < ?1", now, id);
        }
        return Optional.of(login.userId);
    }

    /** Those of the person's that have not ended, the last used first. */
    @Transactional
    public List<Login> of(UUID userId) {
        return logins
                .find(
                        "userId = ?1 and endedAt is null and seenAt > ?2 order by seenAt desc",
                        userId,
                        clock.instant().minus(config.sessionTimeout()))
                .stream()
                .map(LoginEntity::toLogin)
                .toList();
    }

    /** Ends a login of this person's; nothing happens when it is none, or has ended. */
    @Transactional
    public void end(UUID userId, String id) {
        if (logins.update("endedAt = ?1 where id = ?2 and userId = ?3 and endedAt is null", clock.instant(), id, userId)
                > 0) {
            tell(id);
        }
    }

    /** Ends all of a person's logins: the password is another, or the account is disabled. */
    @Transactional
    public void endAll(UUID userId) {
        endOthers(userId, "");
    }

    /** Ends all of a person's logins but one, which need not be there. */
    @Transactional
    public void endOthers(UUID userId, String but) {
        logins.find("userId = ?1 and endedAt is null", userId).stream()
                .map(login -> login.id)
                .filter(id -> !id.equals(but))
                .toList()
                .forEach(id -> end(userId, id));
    }

    /** Ends all that belong to a session at the provider. */
    @Transactional
    void endSession(String session) {
        logins.find("session = ?1 and endedAt is null", session).stream()
                .toList()
                .forEach(login -> end(login.userId, login.id));
    }

    /** At commit. */
    private void tell(String id) {
        em.createNativeQuery("select pg_notify(?, ?)", Object.class)
                .setParameter(1, CHANNEL)
                .setParameter(2, id)
                .getSingleResult();
    }

    private void purge() {
        logins.purge(clock.instant().minus(config.sessionTimeout().multipliedBy(2)));
    }
}
