package dev.berth.security;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * Bounds how many passwords are looked at, since each costs a bcrypt. Each user name and each address has a number of
 * tries that fills up again over a minute; a right password gives its try back. Known to this process alone.
 */
@ApplicationScoped
class LoginAttempts {
    private static final Logger LOG = Logger.getLogger(LoginAttempts.class);
    /** More are forgotten, the longest unused first: what strangers send must not fill the memory. */
    static final int MOST = 10_000;

    private static final Duration REFILL = Duration.ofMinutes(1);

    private final AuthConfig config;
    private final Clock clock;
    private final Map<String, Tries> all = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Tries> eldest) {
            return size() > MOST;
        }
    };

    private static final class Tries {
        private final int limit;
        private double left;
        private long atMillis;
        private boolean told;

        Tries(int limit, long nowMillis) {
            this.limit = limit;
            this.left = limit;
            this.atMillis = nowMillis;
        }

        /** How long until there is one; zero when there is. */
        Duration pause(long nowMillis) {
            double perMilli = (double) limit / REFILL.toMillis();
            left = Math.min(limit, left + Math.max(0, nowMillis - atMillis) * perMilli);
            atMillis = nowMillis;
            return left >= 1 ? Duration.ZERO : Duration.ofMillis((long) Math.ceil((1 - left) / perMilli));
        }
    }

    LoginAttempts(AuthConfig config, Clock clock) {
        this.config = config;
        this.clock = clock;
    }

    /** @throws TooManyAttemptsException when the user name or the address has none left */
    synchronized void take(String username, String address) {
        List<Tries> both = tries(username, address);
        long now = clock.millis();
        Duration pause = Duration.ZERO;
        for (Tries tries : both) {
            Duration own = tries.pause(now);
            pause = own.compareTo(pause) > 0 ? own : pause;
        }
        if (!pause.isZero()) {
            // Once for each flood. The user name is whatever a stranger sent, and stays out of the log.
            if (both.stream().noneMatch(tries -> tries.told)) {
                LOG.warnf("Too many wrong passwords from %s: none is looked at for a while", address);
            }
            both.forEach(tries -> tries.told = true);
            throw new TooManyAttemptsException(pause);
        }
        both.forEach(tries -> {
            tries.left--;
            tries.told = false;
        });
    }

    /** The password was right. */
    synchronized void giveBack(String username, String address) {
        tries(username, address).forEach(tries -> tries.left = Math.min(tries.limit, tries.left + 1));
    }

    private List<Tries> tries(String username, String address) {
        long now = clock.millis();
        return List.of(
                all.computeIfAbsent("user " + username, key -> new Tries(config.attemptsPerUser(), now)),
                all.computeIfAbsent("from " + address, key -> new Tries(config.attemptsPerAddress(), now)));
    }
}
