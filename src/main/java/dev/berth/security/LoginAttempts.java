package dev.berth.security;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import org.jboss.logging.Logger;

/**
 * Bounds how many passwords and tokens are looked at, since each password costs a bcrypt and each token a query. Each
 * user name and each address has a number of tries that fills up again over a minute; a right password gives its try
 * back. Known to this process alone.
 */
@ApplicationScoped
class LoginAttempts {
    private static final Logger LOG = Logger.getLogger(LoginAttempts.class);
    static final int MOST = Buckets.MOST;

    private final AuthConfig config;
    private final Buckets buckets;

    LoginAttempts(AuthConfig config, Clock clock) {
        this.config = config;
        this.buckets = new Buckets(clock);
    }

    /** @throws TooManyAttemptsException when the user name or the address has none left */
    void take(String username, String address) {
        judge(buckets.take(user(username), from(address)), "passwords", address);
    }

    /** The password was right. */
    void giveBack(String username, String address) {
        buckets.giveBack(user(username), from(address));
    }

    /** @throws TooManyAttemptsException when too many wrong tokens came from the address */
    void look(String address) {
        judge(buckets.look(tokens(address)), "tokens", address);
    }

    /** A wrong token came from the address. */
    void wrongToken(String address) {
        buckets.take(tokens(address));
    }

    private static void judge(Buckets.Draw draw, String what, String address) {
        if (draw.first()) {
            // Once for each flood. The user name is whatever a stranger sent, and stays out of the log.
            LOG.warnf("Too many wrong %s from %s: none is looked at for a while", what, address);
        }
        if (draw.refused()) {
            throw new TooManyAttemptsException(what, draw.pause());
        }
    }

    private Buckets.Key user(String username) {
        return new Buckets.Key("user " + username, config.attemptsPerUser());
    }

    private Buckets.Key from(String address) {
        return new Buckets.Key("from " + address, config.attemptsPerAddress());
    }

    private Buckets.Key tokens(String address) {
        return new Buckets.Key("tokens " + address, config.attemptsPerAddress());
    }
}
