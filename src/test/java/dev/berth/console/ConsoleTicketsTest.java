package dev.berth.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.common.ProblemException;
import dev.berth.console.ConsoleTickets.Proof;
import dev.berth.security.Caller;
import dev.berth.security.Credential;
import dev.berth.security.Credentials;
import dev.berth.tenancy.Tenants;
import dev.berth.testing.SettableClock;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(ConsoleProfile.class)
class ConsoleTicketsTest {
    @Inject
    ConsoleFixture fixture;

    @Inject
    ConsoleTickets tickets;

    @Inject
    Tenants tenants;

    @Inject
    Credentials credentials;

    @Inject
    SettableClock clock;

    private UUID machine;
    private Caller alice;

    @BeforeEach
    void machine() {
        machine = fixture.machine(ConsoleFixture.NEAR);
        alice = tenants.caller("alice", "test");
    }

    @AfterEach
    void backToNow() {
        clock.ahead(Duration.ZERO);
    }

    @Test
    void worksOnceAndIsAudited() {
        String ticket = tickets.issue(alice, Credential.password(), machine, ConsoleMode.CONTROL)
                .ticket();
        assertThat(ticket).matches("[A-Za-z0-9_-]{43}");
        assertThat(tickets.redeem(ticket, null, "10.1.2.3").machine().id()).isEqualTo(machine);
        refused(ticket, null, Ending.TICKET);
        assertThat(fixture.count(
                        "select count(*) from audit_event where subject_id = ? and action = 'console.open'"
                                + " and username = 'alice' and source = '10.1.2.3'",
                        machine.toString()))
                .isOne();
    }

    @Test
    void isNotKeptItself() {
        String ticket = tickets.issue(alice, Credential.password(), machine, ConsoleMode.CONTROL)
                .ticket();
        assertThat(fixture.count("select count(*) from console_ticket where digest like ?", "%" + ticket + "%"))
                .isZero();
        assertThat(fixture.count("select count(*) from console_ticket where machine_id = ?", machine))
                .isOne();
    }

    @Test
    void oneOfManyWinsTheRace() throws Exception {
        String ticket = tickets.issue(alice, Credential.password(), machine, ConsoleMode.CONTROL)
                .ticket();
        Callable<Boolean> use = () -> {
            try {
                tickets.redeem(ticket, null, "test");
                return true;
            } catch (ConsoleException e) {
                return false;
            }
        };
        var pool = Executors.newFixedThreadPool(8);
        try {
            int won = 0;
            for (Future<Boolean> one :
                    pool.invokeAll(IntStream.range(0, 16).mapToObj(i -> use).toList())) {
                won += one.get() ? 1 : 0;
            }
            assertThat(won).isOne();
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void expires() {
        Ticket ticket = tickets.issue(alice, Credential.password(), machine, ConsoleMode.CONTROL);
        assertThat(Duration.between(clock.instant(), ticket.expiresAt())).isLessThanOrEqualTo(Duration.ofSeconds(30));
        clock.ahead(Duration.ofSeconds(31));
        refused(ticket.ticket(), null, Ending.TICKET);
        tickets.issue(alice, Credential.password(), machine, ConsoleMode.CONTROL);
        assertThat(fixture.count("select count(*) from console_ticket where machine_id = ?", machine))
                .as("old ones are purged")
                .isOne();
    }

    @Test
    void isForItsUserOnly() {
        Proof bob = new Proof(fixture.user("bob", "blue").id(), Credential.password());
        String ticket = tickets.issue(alice, Credential.password(), machine, ConsoleMode.CONTROL)
                .ticket();
        refused(ticket, bob, Ending.DENIED);
        refused(ticket, null, Ending.TICKET);
    }

    @Test
    void isForItsLoginOnly() {
        Credential mine = fixture.login("alice");
        Credential other = fixture.login("alice");
        Credential bobs = fixture.login("bob");
        UUID bob = fixture.user("bob", "blue").id();
        assertThat(tickets.redeem(by(mine), new Proof(alice.userId(), mine), "test")
                        .machine()
                        .id())
                .isEqualTo(machine);
        refused(by(mine), null, Ending.DENIED);
        refused(by(mine), new Proof(alice.userId(), other), Ending.DENIED);
        refused(by(mine), new Proof(alice.userId(), Credential.password()), Ending.DENIED);
        refused(by(mine), new Proof(bob, bobs), Ending.DENIED);
        String late = by(mine);
        fixture.endLogin(mine);
        refused(late, new Proof(alice.userId(), mine), Ending.DENIED);
    }

    @Test
    void isForItsTokenOnly() {
        Credential token = fixture.token("alice", null);
        String ticket = by(token);
        Credential other = fixture.token("bob", null);
        refused(ticket, new Proof(fixture.user("bob", "blue").id(), other), Ending.DENIED);
        var admission = tickets.redeem(by(token), null, "test");
        assertThat(admission.holder().credential()).isEqualTo(token);
        assertThat(tickets.stillAllowed(List.of(admission))).containsExactly(admission);
        String late = by(token);
        fixture.revokeToken(token);
        refused(late, null, Ending.DENIED);
        assertThat(tickets.stillAllowed(List.of(admission))).isEmpty();
    }

    @Test
    void keepsToItsTokensTenant() {
        fixture.user("carol", "green");
        Credential elsewhere = fixture.token("alice", "green");
        refused(by(elsewhere), null, Ending.DENIED);
        assertThat(tickets.redeem(by(fixture.token("alice", "blue")), null, "test")
                        .machine()
                        .id())
                .isEqualTo(machine);
    }

    @Test
    void whoMayGoOnIsLookedAtForAllAtOnce() {
        var frank = fixture.user("frank", "blue");
        var grace = fixture.user("grace", "blue");
        var first = tickets.redeem(by(Credential.password()), null, "test");
        var second = tickets.redeem(by("frank", Credential.password()), null, "test");
        var third = tickets.redeem(by("grace", Credential.password()), null, "test");
        assertThat(tickets.stillAllowed(List.of(first, second, third))).containsOnly(first, second, third);
        fixture.expel(frank);
        fixture.disable(grace, true);
        assertThat(tickets.stillAllowed(List.of(first, second, third))).containsOnly(first);
        fixture.disable(grace, false);
        assertThat(tickets.stillAllowed(List.of(first, second, third))).containsOnly(first, third);
        fixture.move(machine, "green");
        assertThat(tickets.stillAllowed(List.of(first, second, third))).isEmpty();
    }

    /** With a provider, whose logins end unheard. */
    @Test
    void aLoginThatWasNotSeenLatelyMayBeTakenForEnded() {
        Credential login = fixture.login("alice");
        assertThat(credentials.holding(List.of(login, Credential.password()), Duration.ofSeconds(60)))
                .containsExactlyInAnyOrder(login, Credential.password());
        clock.ahead(Duration.ofSeconds(70));
        assertThat(credentials.holding(List.of(login), Duration.ofSeconds(60))).isEmpty();
        assertThat(credentials.holding(List.of(login), Duration.ofDays(36_500))).containsExactly(login);
    }

    private String by(Credential credential) {
        return by("alice", credential);
    }

    private String by(String user, Credential credential) {
        return tickets.issue(tenants.caller(user, "test"), credential, machine, ConsoleMode.CONTROL)
                .ticket();
    }

    @Test
    void isWorthNothingOnceTheRightIsGone() {
        var dave = fixture.user("dave", "blue");
        String ticket = tickets.issue(
                        tenants.caller("dave", "test"), Credential.password(), machine, ConsoleMode.CONTROL)
                .ticket();
        fixture.expel(dave);
        refused(ticket, null, Ending.DENIED);
    }

    @Test
    void needsTheMachinesTenant() {
        fixture.user("carol", "green");
        Caller carol = tenants.caller("carol", "test");
        assertThatThrownBy(() -> tickets.issue(carol, Credential.password(), machine, ConsoleMode.CONTROL))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo("not-found"));
    }

    @Test
    void needsAMachineThatIsOn() {
        String ticket = tickets.issue(alice, Credential.password(), machine, ConsoleMode.CONTROL)
                .ticket();
        fixture.seen(machine, "STOPPED", "STOPPED");
        assertThatThrownBy(() -> tickets.issue(alice, Credential.password(), machine, ConsoleMode.CONTROL))
                .hasMessage("The machine is stopped, so it has no screen. Start it and open the console again.")
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo("machine-off"));
        refused(ticket, null, Ending.OFF);
    }

    @Test
    void nonsenseIsNoTicket() {
        refused(null, null, Ending.TICKET);
        refused("", null, Ending.TICKET);
        refused("x".repeat(10_000), null, Ending.TICKET);
        refused("' or true -- 34567890123456789012345678901", null, Ending.TICKET);
    }

    private void refused(String ticket, Proof proof, Ending ending) {
        assertThatThrownBy(() -> tickets.redeem(ticket, proof, "test"))
                .isInstanceOfSatisfying(
                        ConsoleException.class, e -> assertThat(e.ending()).isEqualTo(ending));
    }
}
