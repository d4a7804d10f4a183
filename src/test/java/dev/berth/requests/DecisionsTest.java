package dev.berth.requests;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static dev.berth.testing.Portal.largeAsk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.nullValue;

import dev.berth.common.Notice;
import dev.berth.tenancy.Resource;
import dev.berth.testing.Parallel;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.SettableClock;
import dev.berth.testing.WebProfile;
import dev.berth.web.Browser;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What can become of a request beside a plain yes and no; and who has to say yes, by each level of each rule. */
@QuarkusTest
@TestProfile(DecisionsTest.AheadOfTime.class)
@QuarkusTestResource(PostgresResource.class)
class DecisionsTest {
    /** With a clock that can be set. */
    public static class AheadOfTime extends WebProfile {
        @Override
        public Set<Class<?>> getEnabledAlternatives() {
            return Set.of(SettableClock.class);
        }
    }

    /** Hears what people would be told. */
    @Singleton
    static class Ear {
        final Queue<Notice> heard = new ConcurrentLinkedQueue<>();

        void hear(@Observes Notice notice) {
            heard.add(notice);
        }
    }

    @Inject
    Portal portal;

    @Inject
    RequestExpiry expiry;

    @Inject
    Clock clock;

    @Inject
    Ear ear;

    private String tenant;
    private String user;
    private String owner;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(4);
        user = tenant + "-user";
        owner = portal.owner(tenant);
    }

    @AfterEach
    void withoutRules() {
        List<String> rules = as("admin").get("/api/v1/policies?limit=200").path("items.id");
        rules.forEach(
                rule -> as("admin").delete("/api/v1/policies/{id}", rule).then().statusCode(204));
        ((SettableClock) clock).ahead(Duration.ZERO);
    }

    private String pending(String name) {
        return as(user).body(largeAsk(name))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201)
                .body("state", equalTo("PENDING"))
                .extract()
                .path("id");
    }

    private static void rule(Map<String, Object> rule) {
        as("admin").body(rule).put("/api/v1/policies").then().statusCode(200);
    }

    private Map<String, Object> ofTemplate(String level, Map<String, Object> limits, String above) {
        Map<String, Object> rule = new HashMap<>();
        rule.put("kind", "MACHINE");
        rule.put("template", Portal.TEMPLATE);
        rule.put("tenant", tenant);
        rule.put(level, limits);
        rule.put("above", above);
        return rule;
    }

    private List<String> deeds(String id) {
        return as(user).get("/api/v1/requests/{id}/events", id).path("items.deed");
    }

    private Notice told(String id, String step) {
        return ear.heard.stream()
                .filter(notice -> notice.key().startsWith("request:" + id + ":" + step))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void anOfferIsSmallerAndHoldsLessAndTheRequesterTakesIt() {
        String id = pending("less");
        assertThat(portal.used(tenant).get(Resource.MEMORY_MIB)).isGreaterThan(128);
        as("admin").get("/api/v1/requests/{id}/parts", id).then().body("items.name", hasItem("leaseHours"));
        as(user).body(Map.of("changes", Map.of("size", "tiny")))
                .post("/api/v1/requests/{id}/offer", id)
                .then()
                .statusCode(403);
        as("admin")
                .body(Map.of("changes", Map.of("leaseHours", "9999")))
                .post("/api/v1/requests/{id}/offer", id)
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("leaseHours"));
        as("admin")
                .body(Map.of("changes", Map.of()))
                .post("/api/v1/requests/{id}/offer", id)
                .then()
                .statusCode(400);
        as("admin")
                .body(Map.of("changes", Map.of("size", "tiny", "leaseHours", "8"), "message", "Try with less."))
                .post("/api/v1/requests/{id}/offer", id)
                .then()
                .statusCode(200)
                .body("state", equalTo("OFFERED"))
                .body("changes.label", equalTo(List.of("Size", "Lease")))
                .body("changes[1].after", equalTo("8 hours"));
        assertThat(portal.used(tenant)).containsEntry(Resource.MEMORY_MIB, 128L).containsEntry(Resource.MACHINES, 1L);
        assertThat(told(id, "offered").audience()).isInstanceOf(Notice.Audience.Person.class);
        as("admin").post("/api/v1/requests/{id}/approve", id).then().statusCode(409);
        as(owner).post("/api/v1/requests/{id}/accept", id).then().statusCode(403);
        List<Integer> answers =
                Parallel.run(4, i -> as(user).post("/api/v1/requests/{id}/" + (i % 2 == 0 ? "accept" : "withdraw"), id)
                        .statusCode());
        assertThat(answers).filteredOn(status -> status == 200).hasSize(1);
        String state = as(user).get("/api/v1/requests/{id}", id).path("state");
        assertThat(portal.used(tenant)).containsEntry(Resource.MACHINES, state.equals("APPROVED") ? 1L : 0L);
        assertThat(portal.drift()).isEmpty();
    }

    @Test
    void aTakenOfferIsMadeAsOffered() {
        String id = pending("taken");
        as("admin")
                .body(Map.of("changes", Map.of("size", "tiny")))
                .post("/api/v1/requests/{id}/offer", id)
                .then()
                .statusCode(200);
        String machine = as(user).post("/api/v1/requests/{id}/accept", id)
                .then()
                .statusCode(200)
                .body("state", equalTo("APPROVED"))
                .body("decidedBy", equalTo("admin"))
                .extract()
                .path("machineId");
        as(user).get("/api/v1/machines/{id}", machine).then().body("memoryMib", equalTo(128));
        assertThat(deeds(id)).containsExactly("ASKED", "OFFERED", "ACCEPTED", "APPROVED");
        List<String> audited =
                as("admin").get("/api/v1/audit?limit=50&subject=taken").path("items.action");
        assertThat(audited).contains("request.offer", "request.accept", "request.approve");
    }

    @Test
    void ofThoseWhoOfferAndApproveAtOnceOneWins() {
        String id = pending("contested");
        List<Integer> statuses = Parallel.run(
                8,
                i -> i % 2 == 0
                        ? as("admin").post("/api/v1/requests/{id}/approve", id).statusCode()
                        : as("admin")
                                .body(Map.of("changes", Map.of("size", "tiny")))
                                .post("/api/v1/requests/{id}/offer", id)
                                .statusCode());
        assertThat(statuses).filteredOn(status -> status == 200).hasSize(1);
        assertThat(statuses).filteredOn(status -> status == 409).hasSize(7);
        assertThat(portal.drift()).isEmpty();
    }

    @Test
    void aQuestionWaitsForItsAnswer() {
        String id = pending("why");
        as(user).body(Map.of("text", "?"))
                .post("/api/v1/requests/{id}/ask-back", id)
                .then()
                .statusCode(403);
        as("admin")
                .body(Map.of("text", "What for?"))
                .post("/api/v1/requests/{id}/ask-back", id)
                .then()
                .statusCode(200)
                .body("state", equalTo("PENDING"))
                .body("askedBack", equalTo(true));
        assertThat(told(id, "question").text()).contains("What for?");
        as(user).body(Map.of("text", "The nightly build"))
                .post("/api/v1/requests/{id}/answer", id)
                .then()
                .statusCode(200)
                .body("askedBack", equalTo(false));
        assertThat(told(id, "answer").audience()).isInstanceOf(Notice.Audience.Admins.class);
        as("admin")
                .body(Map.of("assignee", user))
                .put("/api/v1/requests/{id}/assignee", id)
                .then()
                .statusCode(400);
        as("admin")
                .body(Map.of("assignee", "admin"))
                .put("/api/v1/requests/{id}/assignee", id)
                .then()
                .statusCode(200)
                .body("assignee", equalTo("admin"));
        assertThat(deeds(id)).containsExactly("ASKED", "ASKED_BACK", "ANSWERED", "ASSIGNED");
    }

    @Test
    void whatNobodyDecidesOnExpiresCountedFromTheLastThingThatHappened() {
        String silent = pending("silent");
        String lively = pending("lively");
        ((SettableClock) clock).ahead(Duration.ofDays(13));
        as("admin")
                .body(Map.of("text", "Still?"))
                .post("/api/v1/requests/{id}/ask-back", lively)
                .then()
                .statusCode(200);
        expiry.look();
        as(user).get("/api/v1/requests/{id}", silent).then().body("state", equalTo("PENDING"));
        ((SettableClock) clock).ahead(Duration.ofDays(14).plusHours(1));
        expiry.look();
        expiry.look();
        as(user).get("/api/v1/requests/{id}", silent)
                .then()
                .body("state", equalTo("EXPIRED"))
                .body("decidedBy", equalTo("berth"));
        as(user).get("/api/v1/requests/{id}", lively).then().body("state", equalTo("PENDING"));
        assertThat(portal.used(tenant)).containsEntry(Resource.MACHINES, 1L);
        assertThat(told(silent, "expired").topic()).isEqualTo(Notice.Topic.DECISION);
        as("admin").post("/api/v1/requests/{id}/approve", silent).then().statusCode(409);
        // Its name is free again.
        pending("silent");
    }

    @Test
    void theMostSpecificRuleDecidesAlone() {
        assertThat(verdict(user)).as("the template's own").isEqualTo("ADMIN");
        Map<String, Object> any = new HashMap<>(Map.of("kind", "MACHINE", "byItself", Map.of()));
        rule(any);
        assertThat(verdict(user)).as("for all").isEqualTo("passes");
        rule(new HashMap<>(Map.of("kind", "MACHINE", "tenant", tenant, "byOwner", Map.of())));
        assertThat(verdict(user)).as("for the team").isEqualTo("OWNER");
        rule(new HashMap<>(Map.of("kind", "MACHINE", "template", Portal.TEMPLATE, "above", "BOTH")));
        assertThat(verdict(user)).as("for the template").isEqualTo("BOTH");
        rule(ofTemplate("byItself", Map.of("vcpus", 64), "ADMIN"));
        assertThat(verdict(user)).as("for both").isEqualTo("passes");
        as(user).get("/api/v1/policies").then().statusCode(403);
        as("admin")
                .body(Map.of("kind", "MACHINE", "above", "OWNER"))
                .put("/api/v1/policies")
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("above"));
    }

    private String verdict(String requester) {
        var answer = as("admin")
                .get("/api/v1/policies/try-out?tenant=" + tenant + "&requester=" + requester
                        + "&template=linux&size=medium&network=nat&storage=qcow2&leaseHours=24")
                .then()
                .statusCode(200)
                .extract();
        return answer.<Boolean>path("passes") ? "passes" : answer.path("needs");
    }

    @Test
    void anOwnerDecidesUpToTheirLimitsAndTheirOwnAskPasses() {
        Map<String, Object> rule = ofTemplate("byItself", Map.of("vcpus", 1), "BOTH");
        rule.put("byOwner", Map.of("leaseHours", 100));
        rule(rule);
        String id = as(user).body(largeAsk("owned"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .body("needs", equalTo("OWNER"))
                .body("whyApproval", equalTo("more than 1 vCPUs"))
                .extract()
                .path("id");
        assertThat(told(id, "needs-owner").audience()).isInstanceOf(Notice.Audience.Owners.class);
        as(owner).post("/api/v1/requests/{id}/approve", id).then().statusCode(200);
        as(owner)
                .body(largeAsk("own"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .body("state", equalTo("APPROVED"))
                .body("endorsedBy", equalTo(owner));
        Map<String, Object> longer = largeAsk("longer");
        longer.put("leaseHours", 200);
        as(user).body(longer)
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .body("needs", equalTo("BOTH"))
                .body("endorsedBy", nullValue())
                .body("whyApproval", containsString("a lease over 100 hours"));
        longer.put("name", "longer-own");
        as(owner)
                .body(longer)
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .body("needs", equalTo("ADMIN"))
                .body("endorsedBy", equalTo(owner));
    }

    /** Of pages without scripts: one reason for several, and each says what became of it. */
    @Test
    void severalAreAnsweredAtOnce() {
        String one = pending("one");
        String other = pending("other");
        as(user).post("/api/v1/requests/{id}/withdraw", other).then().statusCode(200);
        Browser admin = Browser.of("admin");
        Map<String, Object> form = new HashMap<>(Map.of("verb", "deny", "id", List.of(one, other), "reason", " "));
        assertThat(admin.post("/inbox/bulk", form).statusCode()).isEqualTo(303);
        as(user).get("/api/v1/requests/{id}", one).then().body("state", equalTo("PENDING"));
        form.put("reason", "Not now");
        assertThat(admin.post("/inbox/bulk", form).statusCode()).isEqualTo(303);
        as(user).get("/api/v1/requests/{id}", one)
                .then()
                .body("state", equalTo("DENIED"))
                .body("decisionReason", equalTo("Not now"));
        as(user).get("/api/v1/requests/{id}", other).then().body("state", equalTo("WITHDRAWN"));
    }

    @Test
    void kindsAndTheNumberOfMachinesAreLimitsToo() {
        rule(ofTemplate("byItself", Map.of("machines", 1, "storageKinds", List.of("qcow2")), "ADMIN"));
        List<String> states = Parallel.run(3, i -> as(user).body(ask("many-" + i))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .path("state"));
        assertThat(states).filteredOn("APPROVED"::equals).hasSize(1);
        rule(ofTemplate("byItself", Map.of("networkKinds", List.of("bridge")), "ADMIN"));
        as(user).body(ask("wired"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .body("whyApproval", equalTo("a network of the kind nat"));
        as("admin")
                .body(ofTemplate("byItself", Map.of("networkKinds", List.of("pigeon")), "ADMIN"))
                .put("/api/v1/policies")
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("byItself.networkKinds"));
    }
}
