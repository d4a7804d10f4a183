package dev.berth.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.tenancy.Tenants;
import dev.berth.testing.SettableClock;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
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
        String ticket = tickets.issue(alice, machine).ticket();
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
        String ticket = tickets.issue(alice, machine).ticket();
        assertThat(fixture.count("select count(*) from console_ticket where digest like ?", "%" + ticket + "%"))
                .isZero();
        assertThat(fixture.count("select count(*) from console_ticket where machine_id = ?", machine))
                .isOne();
    }

    @Test
    void oneOfManyWinsTheRace() throws Exception {
        String ticket = tickets.issue(alice, machine).ticket();
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
        Ticket ticket = tickets.issue(alice, machine);
        assertThat(Duration.between(clock.instant(), ticket.expiresAt())).isLessThanOrEqualTo(Duration.ofSeconds(30));
        clock.ahead(Duration.ofSeconds(31));
        refused(ticket.ticket(), null, Ending.TICKET);
        tickets.issue(alice, machine);
        assertThat(fixture.count("select count(*) from console_ticket where machine_id = ?", machine))
                .as("old ones are purged")
                .isOne();
    }

    @Test
    void isForItsUserOnly() {
        fixture.user("bob", "blue");
        String ticket = tickets.issue(alice, machine).ticket();
        refused(ticket, "bob", Ending.DENIED);
        refused(ticket, "alice", Ending.TICKET);
    }

    @Test
    void isWorthNothingOnceTheRightIsGone() {
        var dave = fixture.user("dave", "blue");
        String ticket = tickets.issue(tenants.caller("dave", "test"), machine).ticket();
        fixture.expel(dave);
        refused(ticket, null, Ending.DENIED);
    }

    @Test
    void needsTheMachinesTenant() {
        fixture.user("carol", "green");
        Caller carol = tenants.caller("carol", "test");
        assertThatThrownBy(() -> tickets.issue(carol, machine))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.code()).isEqualTo("not-found"));
    }

    @Test
    void needsAMachineThatIsOn() {
        String ticket = tickets.issue(alice, machine).ticket();
        fixture.seen(machine, "STOPPED", "STOPPED");
        assertThatThrownBy(() -> tickets.issue(alice, machine))
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

    private void refused(String ticket, String signedIn, Ending ending) {
        assertThatThrownBy(() -> tickets.redeem(ticket, signedIn, "test"))
                .isInstanceOfSatisfying(
                        ConsoleException.class, e -> assertThat(e.ending()).isEqualTo(ending));
    }
}
