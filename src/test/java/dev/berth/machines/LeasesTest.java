package dev.berth.machines;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.common.Notice;
import dev.berth.common.Notice.Audience;
import dev.berth.common.Ticker;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.SettableClock;
import dev.berth.testing.SettableTicker;
import dev.berth.testing.TinyProfile;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Machines are warned of, stopped and deleted at the end of their leases; and nothing is deleted early, whatever becomes
 * of the clock.
 */
@QuarkusTest
@TestProfile(TinyProfile.class)
@QuarkusTestResource(PostgresResource.class)
class LeasesTest {
    private static final Duration SETTLE = Duration.ofMinutes(11);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration GRACE = Duration.ofDays(7);

    /** All that people were told. */
    @ApplicationScoped
    static class Told {
        private final List<Notice> notices = new CopyOnWriteArrayList<>();

        void hear(@Observes Notice notice) {
            notices.add(notice);
        }

        List<Notice> of(String machine) {
            return notices.stream()
                    .filter(notice -> notice.path().endsWith(machine))
                    .toList();
        }
    }

    @Inject
    Portal portal;

    @Inject
    LeaseKeeper keeper;

    @Inject
    LeasesConfig config;

    @Inject
    SettableClock clock;

    @Inject
    SettableTicker ticker;

    @Inject
    Told told;

    @Inject
    EntityManager em;

    private String tenant;
    private String machine;
    private Duration clockAhead = Duration.ZERO;
    private Duration reallyAhead = Duration.ZERO;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(10);
        pass(MINUTE);
        pass(SETTLE);
        machine = machine("leased");
    }

    @AfterEach
    void now() {
        clock.ahead(Duration.ZERO);
        ticker.ahead(Duration.ZERO);
        assertThat(portal.drift()).isEmpty();
    }

    @Test
    void aLeaseIsWarnedOfThenEndsAndTheMachineGoesAfterTheGraceTime() {
        extend("admin", Map.of("hours", 30 * 24));
        pass(DAY.multipliedBy(23).minus(MINUTE));
        assertThat(warnings()).isEmpty();

        pass(MINUTE.multipliedBy(2));
        pass(HOUR);
        assertThat(warnings()).containsExactly("WEEK");
        assertThat(field("leaseState")).isEqualTo("WARNED");
        pass(DAY.multipliedBy(6));
        assertThat(warnings()).containsExactly("WEEK", "DAY");
        assertThat(told()).hasSize(2).allMatch(notice -> notice.audience() instanceof Audience.Person);
        assertThat(field("state")).isEqualTo("RUNNING");

        pass(DAY);
        assertThat(warnings()).containsExactly("WEEK", "DAY", "ENDED");
        assertThat(field("leaseState")).isEqualTo("GRACE");
        assertThat(field("wanted")).isEqualTo("STOPPED");
        stopped();
        assertThat(post("start", Map.of()).<String>path("code")).isEqualTo("lease-ended");

        pass(GRACE.minus(DAY));
        assertThat(warnings()).containsExactly("WEEK", "DAY", "ENDED", "LAST");
        assertThat(told().stream().filter(notice -> notice.audience() instanceof Audience.Owners))
                .extracting(Notice::title)
                .containsExactly("The lease of leased has ended", "leased is about to be deleted");
        pass(DAY.minus(HOUR));
        assertThat(field("wanted")).isEqualTo("STOPPED");
        pass(HOUR.multipliedBy(2));
        assertThat(field("wanted")).isEqualTo("GONE");
        assertThat(post("extend", Map.of()).<String>path("code")).isEqualTo("wrong-state");

        assertThat(audited())
                .containsSubsequence(
                        "machine.warn-lease",
                        "machine.warn-lease",
                        "machine.end-lease",
                        "machine.stop",
                        "machine.warn-lease",
                        "machine.warn-lease",
                        "machine.delete");
        assertThat(as(user())
                        .get("/api/v1/machines/{id}/events", machine)
                        .<List<String>>path("items.findAll { it.operation == 'LEASE' }.step"))
                .contains("The lease of leased has ended", "leased is about to be deleted");
    }

    @Test
    void aClockThatJumpsForwardDeletesNothingThatWasNotWarnedOfForLongEnough() {
        jump(DAY.multipliedBy(60));
        assertThat(warnings()).isEmpty();
        assertThat(field("state")).isEqualTo("RUNNING");

        pass(SETTLE);
        assertThat(warnings()).containsExactly("ENDED");
        jump(GRACE.multipliedBy(2));
        assertThat(warnings()).containsExactly("ENDED");
        pass(SETTLE);
        assertThat(warnings()).containsExactly("ENDED", "LAST");
        assertThat(deleteAt()).isAfterOrEqualTo(clock.instant().plus(DAY).minus(MINUTE));

        for (int i = 0; i < 4; i++) {
            jump(DAY);
            assertThat(field("wanted")).isEqualTo("STOPPED");
        }
        pass(SETTLE);
        pass(DAY.minus(HOUR));
        assertThat(field("wanted")).isEqualTo("STOPPED");
        assertThat(deleteAt()).isAfter(clock.instant());
        pass(HOUR);
        assertThat(field("wanted")).isEqualTo("GONE");
    }

    @Test
    void aClockThatIsSetBackGivesTheLeaseBack() {
        Object until = field("leaseUntil");
        jump(DAY.multipliedBy(60));
        pass(SETTLE);
        assertThat(field("leaseState")).isEqualTo("GRACE");
        stopped();

        jump(DAY.multipliedBy(-60));
        assertThat(field("leaseState")).isEqualTo("GRACE");
        pass(SETTLE);
        assertThat(field("leaseState")).isEqualTo("ACTIVE");
        assertThat(field("leaseUntil")).isEqualTo(until);
        assertThat(field("leaseDeleteAt")).isNull();
        assertThat(warnings()).isEmpty();
        assertThat(post("start", Map.of()).statusCode()).isEqualTo(202);
    }

    @Test
    void whoKeepsAMachineGetsItBackStoppedAndItsNextEndIsWarnedOfAnew() {
        pass(DAY.multipliedBy(2));
        assertThat(warnings()).containsExactly("ENDED");
        pass(GRACE.minus(DAY).plus(HOUR));
        assertThat(warnings()).containsExactly("ENDED", "LAST");

        Response kept = extend(user(), Map.of());
        assertThat(kept.<String>path("leaseState")).isEqualTo("ACTIVE");
        assertThat(kept.<String>path("wanted")).isEqualTo("STOPPED");
        assertThat(warnings()).isEmpty();
        pass(DAY.plus(HOUR));
        // Its lease was two days, so a day before its end is news.
        assertThat(warnings()).containsExactly("DAY");
        pass(DAY);
        pass(DAY.multipliedBy(5));
        assertThat(warnings()).containsExactly("DAY", "ENDED");
    }

    @Test
    void nothingIsDeletedAsLongAsALongerLeaseIsAskedFor() {
        Response asked = as(user())
                .body(Map.of("hours", 720, "reason", "The release is late"))
                .post("/api/v1/machines/{id}/extension-requests", machine);
        assertThat(asked.statusCode()).isEqualTo(201);
        pass(DAY.multipliedBy(2));
        pass(GRACE.minus(DAY));
        for (int i = 0; i < 3; i++) {
            pass(DAY.multipliedBy(2));
        }
        assertThat(warnings()).containsExactly("ENDED", "LAST");
        assertThat(field("wanted")).isEqualTo("STOPPED");

        String request = asked.path("id");
        as("admin").body(Map.of("reason", "No")).post("/api/v1/requests/{id}/deny", request);
        pass(DAY.minus(HOUR));
        assertThat(field("wanted")).isEqualTo("STOPPED");
        pass(HOUR.multipliedBy(2));
        assertThat(field("wanted")).isEqualTo("GONE");
    }

    @Test
    void aShorterLeaseThanAskedForIsOfferedAndTaken() {
        String request = as(user())
                .body(Map.of("hours", 720, "reason", "The release is late"))
                .post("/api/v1/machines/{id}/extension-requests", machine)
                .path("id");
        as("admin")
                .body(Map.of("changes", Map.of("leaseHours", "721")))
                .post("/api/v1/requests/{id}/offer", request)
                .then()
                .statusCode(400);
        as("admin")
                .body(Map.of("changes", Map.of("leaseHours", "200")))
                .post("/api/v1/requests/{id}/offer", request)
                .then()
                .statusCode(200);
        as(user()).post("/api/v1/requests/{id}/accept", request).then().statusCode(200);
        assertThat(Duration.between(clock.instant(), Instant.parse((String) field("leaseUntil"))))
                .isBetween(Duration.ofHours(199), Duration.ofHours(200));
    }

    @Test
    void membersExtendWithinThePolicyAndAdminsPin() {
        assertThat(post("extend", Map.of("hours", 49)).asString()).contains("between 1 and 48");
        assertThat(post("extend", Map.of("hours", 0)).statusCode()).isEqualTo(400);
        assertThat(post("pin", Map.of()).statusCode()).isEqualTo(403);
        extend("admin", Map.of("hours", 720));
        Object until = field("leaseUntil");
        assertThat(extend(user(), Map.of()).<Object>path("leaseUntil")).isEqualTo(until);

        assertThat(as("admin").post("/api/v1/machines/{id}/pin", machine).<String>path("leaseState"))
                .isEqualTo("PINNED");
        pass(DAY.multipliedBy(400));
        assertThat(warnings()).isEmpty();
        assertThat(field("state")).isEqualTo("RUNNING");
        assertThat(as("admin").post("/api/v1/machines/{id}/unpin", machine).<String>path("leaseState"))
                .isEqualTo("ACTIVE");
        assertThat(Instant.parse((String) field("leaseUntil")))
                .isBetween(clock.instant().plus(DAY), clock.instant().plus(DAY.multipliedBy(2)));
    }

    @Test
    void oneProcessKeepsLeasesAndNoTimeCountsThatNobodyWatched() {
        LeaseWatch other = new LeaseWatch(em, config, clock, new Ticker());
        long before = count();
        assertThat(look(other)).isEmpty();

        advance(config.lookInterval().multipliedBy(4));
        LeaseWatch.Count taken = look(other).orElseThrow();
        assertThat(taken.watchedMs()).isEqualTo(before);
        assertThat(taken.calm()).isFalse();
        keeper.look();
        assertThat(count()).isEqualTo(before);
        // So that the keeper of the next test is the program's own again.
        advance(config.lookInterval().multipliedBy(4));
        keeper.look();
    }

    private Optional<LeaseWatch.Count> look(LeaseWatch watch) {
        return QuarkusTransaction.requiringNew().call(watch::look);
    }

    private long count() {
        return ((Number) em.createNativeQuery("select watched_ms from lease_watch")
                        .getSingleResult())
                .longValue();
    }

    /** Real time passes, and the clock shows it. */
    private void pass(Duration time) {
        advance(time);
        keeper.look();
    }

    private void advance(Duration time) {
        reallyAhead = reallyAhead.plus(time);
        ticker.ahead(reallyAhead);
        clockAhead = clockAhead.plus(time);
        clock.ahead(clockAhead);
    }

    /** The clock is set; no time passes. */
    private void jump(Duration time) {
        clockAhead = clockAhead.plus(time);
        clock.ahead(clockAhead);
        keeper.look();
    }

    /** A machine that runs, with a lease of two days. */
    private String machine(String name) {
        Map<String, Object> ask = ask(name);
        ask.put("leaseHours", 48);
        String id = as(user())
                .body(ask)
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201)
                .extract()
                .path("machineId");
        update("provisioned_at = now(), seen = 'RUNNING', state = 'RUNNING', settled = true", id);
        return id;
    }

    private void stopped() {
        update("seen = 'STOPPED', state = 'STOPPED', settled = true", machine);
    }

    private void update(String set, String id) {
        QuarkusTransaction.requiringNew()
                .run(() -> em.createNativeQuery("update machine set " + set + " where id = :id")
                        .setParameter("id", UUID.fromString(id))
                        .executeUpdate());
    }

    private String user() {
        return tenant + "-user";
    }

    private Response extend(String user, Map<String, ?> body) {
        Response answer = as(user).body(body).post("/api/v1/machines/{id}/extend", machine);
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer;
    }

    private Response post(String verb, Map<String, ?> body) {
        return as(user()).body(body).post("/api/v1/machines/{id}/" + verb, machine);
    }

    private Object field(String name) {
        return as(user()).get("/api/v1/machines/{id}", machine).path(name);
    }

    private Instant deleteAt() {
        return Instant.parse((String) field("leaseDeleteAt"));
    }

    @SuppressWarnings("unchecked")
    private List<String> warnings() {
        return em.createNativeQuery(
                        "select warning from lease_warning where machine_id = :id order by sent_at", String.class)
                .setParameter("id", UUID.fromString(machine))
                .getResultList();
    }

    private List<Notice> told() {
        return told.of(machine);
    }

    @SuppressWarnings("unchecked")
    private List<String> audited() {
        return em.createNativeQuery("select action from audit_event where subject_id = :id order by id", String.class)
                .setParameter("id", machine)
                .getResultList();
    }
}
