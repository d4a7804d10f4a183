package dev.berth.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How often passwords may be tried, on a clock of the test's own. */
class LoginAttemptsTest {
    private Instant now = Instant.parse("2026-11-24T12:00:00Z");

    private final LoginAttempts attempts = new LoginAttempts(
            new AuthConfig() {
                @Override
                public Mode mode() {
                    return Mode.LOCAL;
                }

                @Override
                public Optional<String> sessionKey() {
                    return Optional.empty();
                }

                @Override
                public Optional<String> firstAdminPassword() {
                    return Optional.empty();
                }

                @Override
                public Duration sessionTimeout() {
                    return Duration.ofHours(12);
                }

                @Override
                public int attemptsPerUser() {
                    return 10;
                }

                @Override
                public int attemptsPerAddress() {
                    return 30;
                }
            },
            new Clock() {
                @Override
                public Instant instant() {
                    return now;
                }

                @Override
                public ZoneOffset getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(java.time.ZoneId zone) {
                    return this;
                }
            });

    private void take(int times, String user, String address) {
        for (int i = 0; i < times; i++) {
            attempts.take(user, address);
        }
    }

    private void refused(String user, String address, long seconds) {
        assertThatThrownBy(() -> attempts.take(user, address))
                .isInstanceOfSatisfying(TooManyAttemptsException.class, e -> assertThat(e.seconds())
                        .isEqualTo(seconds));
    }

    @Test
    void aUserHasSoManyAMinuteFromWherever() {
        take(5, "alice", "10.0.0.1");
        take(5, "alice", "10.0.0.2");
        refused("alice", "10.0.0.3", 6);
        assertThatCode(() -> attempts.take("bob", "10.0.0.1")).doesNotThrowAnyException();
        now = now.plusSeconds(6);
        attempts.take("alice", "10.0.0.3");
        refused("alice", "10.0.0.3", 6);
        now = now.plus(Duration.ofHours(1));
        take(10, "alice", "10.0.0.3");
        refused("alice", "10.0.0.4", 6);
    }

    @Test
    void anAddressHasSoManyForWhomever() {
        for (int user = 0; user < 30; user++) {
            attempts.take("user-" + user, "10.0.0.1");
        }
        refused("user-31", "10.0.0.1", 2);
        attempts.take("user-31", "10.0.0.2");
    }

    @Test
    void rightPasswordsCostNothing() {
        for (int i = 0; i < 100; i++) {
            attempts.take("alice", "10.0.0.1");
            attempts.giveBack("alice", "10.0.0.1");
        }
        take(10, "alice", "10.0.0.1");
        refused("alice", "10.0.0.1", 6);
    }

    @Test
    void whatIsRefusedCostsNothingEither() {
        take(10, "alice", "10.0.0.1");
        for (int i = 0; i < 1_000; i++) {
            refused("alice", "10.0.0.1", 6);
        }
        attempts.take("bob", "10.0.0.1");
    }

    @Test
    void strangersNamesAreForgotten() {
        for (int i = 0; i < 3 * LoginAttempts.MOST; i++) {
            attempts.take("stranger-" + i, "10.0." + i / 250 + "." + i % 250);
        }
        take(10, "stranger-0", "10.9.9.9");
        refused("stranger-0", "10.9.9.9", 6);
    }

    @Test
    void wrongTokensAreBoundedByTheirAddressAlone() {
        for (int i = 0; i < 30; i++) {
            attempts.look("10.0.0.1");
            attempts.wrongToken("10.0.0.1");
        }
        assertThatThrownBy(() -> attempts.look("10.0.0.1"))
                .isInstanceOfSatisfying(TooManyAttemptsException.class, e -> assertThat(e.sentence())
                        .isEqualTo("Too many wrong tokens were tried. Wait 2 s, then try again."));
        attempts.look("10.0.0.2");
        take(10, "alice", "10.0.0.1");
        now = now.plusSeconds(2);
        attempts.look("10.0.0.1");
    }
}
