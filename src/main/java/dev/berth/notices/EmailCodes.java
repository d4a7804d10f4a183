package dev.berth.notices;

import dev.berth.audit.Audit;
import dev.berth.common.ProblemException;
import dev.berth.common.Sha256;
import dev.berth.security.Caller;
import dev.berth.security.User;
import dev.berth.security.Users;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.security.SecureRandom;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Proof that a person reads the mail of the address that is written for them: a code that is sent there, and that they type
 * where they are signed in. Without it an address gets no other mail, so nobody can have Berth write to strangers; and
 * few codes go to one address, whoever asks.
 */
@ApplicationScoped
public class EmailCodes {
    private static final Logger LOG = Logger.getLogger(EmailCodes.class);
    private static final Duration LIFE = Duration.ofMinutes(30);
    private static final Duration KEEP = Duration.ofDays(1);
    private static final int MOST_AN_HOUR = 5;
    private static final int MOST_TRIES = 5;
    private static final int CODES = 100_000_000;
    private static final SecureRandom RANDOM = new SecureRandom();

    private record Letter(User user, String code) {}

    private final EntityManager em;
    private final Users users;
    private final MailConfig config;
    private final Letters letters;
    private final Audit audit;
    private final Clock clock;

    EmailCodes(EntityManager em, Users users, MailConfig config, Letters letters, Audit audit, Clock clock) {
        this.em = em;
        this.users = users;
        this.config = config;
        this.letters = letters;
        this.audit = audit;
        this.clock = clock;
    }

    /** Sends a code to the caller's address; one that was sent before is good for nothing any more. */
    public void send(Caller caller) {
        if (!config.on()) {
            throw ProblemException.conflict("mail-off", "No mail server is set up. Ask an admin of Berth.");
        }
        Letter letter = QuarkusTransaction.requiringNew().call(() -> write(caller));
        try {
            letters.sendCode(letter.user(), letter.code());
        } catch (UndeliveredException e) {
            LOG.infof("A code could not be sent: %s", e.getMessage());
            throw ProblemException.unavailable(
                    "mail-failed", "The mail server did not take the mail with the code. Try again in some minutes.");
        }
    }

    private Letter write(Caller caller) {
        User user = users.find(caller.username()).orElseThrow(() -> ProblemException.notFound("user"));
        if (user.email().isEmpty()) {
            throw ProblemException.conflict("no-address", "Set your mail address first.");
        }
        if (user.emailConfirmed()) {
            throw ProblemException.conflict("confirmed", "Your mail address is confirmed already.");
        }
        String email = user.email().toLowerCase(Locale.ROOT);
        Instant now = clock.instant();
        // One after the other, so that all are counted: those of the person, and those to the address.
        for (String what : List.of("email:" + user.id(), "email:" + email)) {
            em.createNativeQuery("select pg_advisory_xact_lock(hashtextextended(:what, 7))", Object.class)
                    .setParameter("what", what)
                    .getResultList();
        }
        em.createNativeQuery("delete from email_code where sent_at < :old")
                .setParameter("old", Timestamp.from(now.minus(KEEP)))
                .executeUpdate();
        Object[] sent = (Object[]) em.createNativeQuery(
                        """
                        select count(*) filter (where user_id = :user), count(*) filter (where email = :email)
                          from email_code where sent_at > :since and (user_id = :user or email = :email)""",
                        Object[].class)
                .setParameter("user", user.id())
                .setParameter("email", email)
                .setParameter("since", Timestamp.from(now.minus(Duration.ofHours(1))))
                .getSingleResult();
        if (((Number) sent[0]).longValue() >= MOST_AN_HOUR || ((Number) sent[1]).longValue() >= MOST_AN_HOUR) {
            throw ProblemException.tooMany("too-many-codes", "Enough codes were sent. Try again in an hour.");
        }
        String code = String.format(Locale.ROOT, "%08d", RANDOM.nextInt(CODES));
        UUID id = UUID.randomUUID();
        em.createNativeQuery(
                        """
                        insert into email_code (id, user_id, email, code, sent_at, expires_at)
                        values (:id, :user, :email, :code, :now, :end)""")
                .setParameter("id", id)
                .setParameter("user", user.id())
                .setParameter("email", email)
                .setParameter("code", Sha256.hex(id + code))
                .setParameter("now", Timestamp.from(now))
                .setParameter("end", Timestamp.from(now.plus(LIFE)))
                .executeUpdate();
        return new Letter(user, code);
    }

    /**
     * The caller's address is theirs, if this is the code that was last sent there; it is good once, for half an hour and
     * five tries.
     */
    public void confirm(Caller caller, String code) {
        String digits = code.replaceAll("\\s", "");
        // What is refused counts as a try, so it is no failure of the transaction.
        if (!QuarkusTransaction.requiringNew().call(() -> isRight(caller, digits))) {
            throw ProblemException.invalid(
                    "code",
                    "This is not the code, or it has run out. Look at the last mail, or have another one sent.");
        }
    }

    private boolean isRight(Caller caller, String digits) {
        User user = users.find(caller.username()).orElseThrow(() -> ProblemException.notFound("user"));
        List<?> rows = em.createNativeQuery(
                        """
                        select id, code, email, expires_at > :now and tries < :most and not used from email_code
                         where user_id = :user order by sent_at desc, id limit 1 for update""",
                        Object[].class)
                .setParameter("user", user.id())
                .setParameter("now", Timestamp.from(clock.instant()))
                .setParameter("most", MOST_TRIES)
                .getResultList();
        if (rows.isEmpty()) {
            return false;
        }
        Object[] row = (Object[]) rows.get(0);
        boolean right = (boolean) row[3]
                && Sha256.hex(row[0] + digits).equals(row[1])
                && user.email().toLowerCase(Locale.ROOT).equals(row[2]);
        em.createNativeQuery("update email_code set tries = tries + 1, used = :used where id = :id")
                .setParameter("used", right)
                .setParameter("id", row[0])
                .executeUpdate();
        if (right) {
            users.confirmEmail(user.id(), user.email());
            audit.record(
                    caller,
                    "user.confirm-email",
                    Audit.Subject.global("user", user.id(), user.username()),
                    Map.of("email", user.email()));
        }
        return right;
    }
}
