package dev.berth.api;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static dev.berth.testing.Portal.largeAsk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import dev.berth.catalog.NetworkProfileChanged;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.HostCheck;
import dev.berth.security.Caller;
import dev.berth.testing.Parallel;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Network profiles: who may know of them and use them, what may change, and what hosts say. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class ProfilesTest {
    private static final AtomicInteger NET = new AtomicInteger();

    /** Hears what cards have to follow. */
    @Singleton
    static class Ears {
        final Queue<UUID> heard = new ConcurrentLinkedQueue<>();

        void hear(@Observes NetworkProfileChanged changed) {
            heard.add(changed.profileId());
        }
    }

    @Inject
    Portal portal;

    @Inject
    NetworkProfiles profiles;

    @Inject
    Hosts hosts;

    @Inject
    Ears ears;

    @BeforeEach
    void make() {
        portal.make();
    }

    private static Map<String, String> net(int number) {
        String subnet = "10.150." + number;
        return Map.of("cidr", subnet + ".0/24", "rangeStart", subnet + ".10", "rangeEnd", subnet + ".200");
    }

    private static Map<String, Object> profile(String slug, Map<String, String> config, String... tenants) {
        Map<String, Object> profile = new HashMap<>();
        profile.put("slug", slug);
        profile.put("name", "Net " + slug);
        profile.put("kind", "nat");
        profile.put("config", config);
        profile.put("tenants", List.of(tenants));
        return profile;
    }

    private static Map<String, Object> changed(Map<String, Object> profile) {
        Map<String, Object> change = new HashMap<>(profile);
        change.remove("slug");
        change.remove("kind");
        return change;
    }

    private static Map<String, Object> made(String slug, String... tenants) {
        Map<String, Object> profile = profile(slug, net(NET.incrementAndGet()), tenants);
        as("admin").body(profile).post("/api/v1/network-profiles").then().statusCode(201);
        return profile;
    }

    private static Response put(String slug, Map<String, Object> profile) {
        return as("admin").body(changed(profile)).put("/api/v1/network-profiles/{slug}", slug);
    }

    /** A template whose machines may use these networks. */
    private static void template(String slug, String... networks) {
        as("admin")
                .body(Map.of(
                        "slug",
                        slug,
                        "name",
                        slug,
                        "policy",
                        Map.of("maxVcpus", 1, "maxMemoryMib", 512, "maxDiskGib", 5, "maxLeaseHours", 48)))
                .post("/api/v1/templates")
                .then()
                .statusCode(201);
        as("admin")
                .body(Map.of(
                        "image",
                        "linux",
                        "sizes",
                        List.of("tiny", "medium"),
                        "networks",
                        List.of(networks),
                        "storage",
                        List.of("qcow2")))
                .post("/api/v1/templates/{slug}/revisions", slug)
                .then()
                .statusCode(201);
        as("admin")
                .post("/api/v1/templates/{slug}/revisions/1/approve", slug)
                .then()
                .statusCode(200);
    }

    private static Map<String, Object> askFor(String name, String template, String network) {
        Map<String, Object> ask = ask(name);
        ask.put("template", template);
        ask.put("network", network);
        return ask;
    }

    @Test
    void aPrivateNetworkIsThereForItsTenantOnly() {
        made("blues-own", "blue");
        template("with-private", "nat", "blues-own");
        as("admin")
                .get("/api/v1/network-profiles/blues-own")
                .then()
                .body("tenants", equalTo(List.of("blue")))
                .body("version", equalTo(0))
                .body("machines", equalTo(0));
        as("alice")
                .get("/api/v1/network-profiles/blues-own")
                .then()
                .statusCode(200)
                .body("tenants", nullValue())
                .body("config", nullValue())
                .body("hosts", nullValue());
        as("carol").get("/api/v1/network-profiles/blues-own").then().statusCode(404);
        as("alice").get("/api/v1/network-profiles").then().body("items.slug", hasItem("blues-own"));
        as("carol").get("/api/v1/network-profiles").then().body("items.slug", not(hasItem("blues-own")));
        as("alice").get("/api/v1/templates/with-private").then().body("revisions[0].networks", hasItem("blues-own"));
        as("carol").get("/api/v1/templates/with-private").then().body("revisions[0].networks", equalTo(List.of("nat")));

        as("alice")
                .body(askFor("private", "with-private", "blues-own"))
                .post("/api/v1/tenants/blue/requests")
                .then()
                .statusCode(201)
                .body("state", equalTo("APPROVED"));
        for (String user : List.of("carol", "admin")) {
            as(user).body(askFor("stolen", "with-private", "blues-own"))
                    .post("/api/v1/tenants/green/requests")
                    .then()
                    .statusCode(400)
                    .body("errors[0].field", equalTo("network"))
                    .body("errors[0].detail", containsString("offers your team"));
        }
    }

    @Test
    void onlyAnAdminChangesProfiles() {
        Map<String, Object> profile = made("admins-only");
        as("alice").body(profile).post("/api/v1/network-profiles").then().statusCode(403);
        as("alice")
                .body(changed(profile))
                .put("/api/v1/network-profiles/admins-only")
                .then()
                .statusCode(403);
        for (String verb : List.of("retire", "restore", "check")) {
            as("alice")
                    .post("/api/v1/network-profiles/admins-only/" + verb)
                    .then()
                    .statusCode(403);
        }
        as("alice").get("/api/v1/network-profiles/admins-only/checks").then().statusCode(403);
    }

    @Test
    void aChangeIsMadeOnceAndLeavesATrace() {
        Map<String, Object> profile = made("changing");
        profile.put("name", "Renamed");
        profile.put("tenants", List.of("blue"));
        profile.put("version", 0);
        put("changing", profile)
                .then()
                .statusCode(200)
                .body("version", equalTo(1))
                .body("name", equalTo("Renamed"));
        profile.put("name", "Too late");
        put("changing", profile)
                .then()
                .statusCode(409)
                .body("code", equalTo("changed-meanwhile"))
                .body("detail", containsString("Somebody else"));
        profile.put("name", "Renamed");
        profile.put("version", 1);
        put("changing", profile).then().statusCode(200).body("version", equalTo(1));
        UUID id = profiles.get(Caller.system("test"), "changing").id();
        as("admin")
                .queryParam("action", "network-profile.update")
                .queryParam("subject", id.toString())
                .get("/api/v1/audit")
                .then()
                .body("items.size()", equalTo(1))
                .body("items[0].detail.before.name", equalTo("Net changing"))
                .body("items[0].detail.after.name", equalTo("Renamed"));
        assertThat(ears.heard).as("its settings are as they were").doesNotContain(id);
    }

    @Test
    void ofTwoAdminsTheSecondIsTold() {
        Map<String, Object> profile = made("contested");
        profile.put("version", 0);
        List<Response> answers = Parallel.run(8, i -> {
            Map<String, Object> mine = new HashMap<>(profile);
            mine.put("name", "By " + i);
            return put("contested", mine);
        });
        assertThat(answers).filteredOn(answer -> answer.statusCode() == 200).hasSize(1);
        assertThat(answers)
                .filteredOn(answer -> answer.statusCode() != 200)
                .allMatch(answer -> answer.<String>path("code").equals("changed-meanwhile"));
        as("admin").get("/api/v1/network-profiles/contested").then().body("version", equalTo(1));
    }

    @Test
    void whatIsFixedStaysUnderMachines() {
        Map<String, Object> profile = made("in-use");
        template("on-in-use", "in-use");
        String tenant = portal.tenant(1);
        as(tenant + "-user")
                .body(askFor("holder", "on-in-use", "in-use"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201);
        Map<String, String> wider = new HashMap<>((Map<String, String>) profile.get("config"));
        UUID id = profiles.get(Caller.system("test"), "in-use").id();
        wider.replaceAll((field, value) -> field.equals("rangeEnd") ? value.replace(".200", ".250") : value);
        profile.put("config", wider);
        put("in-use", profile).then().statusCode(200).body("machines", equalTo(1));
        assertThat(ears.heard).contains(id);

        profile.put("config", net(NET.incrementAndGet()));
        put("in-use", profile)
                .then()
                .statusCode(400)
                .body("errors.size()", equalTo(1))
                .body("errors[0].field", equalTo("cidr"))
                .body("errors[0].detail", containsString("while a machine uses the profile"));
    }

    @Test
    void aRangeNeverChangesUnderAMachineThatIsBeingMade() {
        Map<String, Object> profile = made("raced");
        template("on-raced", "raced");
        String tenant = portal.tenant(8);
        Map<String, Object> moved = new HashMap<>(profile);
        moved.put("config", net(NET.incrementAndGet()));
        List<Response> answers = Parallel.run(
                9,
                i -> i == 4
                        ? put("raced", moved)
                        : as(tenant + "-user")
                                .body(askFor("raced-" + i, "on-raced", "raced"))
                                .post("/api/v1/tenants/{tenant}/requests", tenant));
        String cidr = as("admin").get("/api/v1/network-profiles/raced").path("config.cidr");
        String prefix = cidr.substring(0, cidr.lastIndexOf('.') + 1);
        List<String> machines = answers.stream()
                .filter(answer -> answer.statusCode() == 201)
                .map(answer -> answer.<String>path("machineId"))
                .toList();
        assertThat(machines).isNotEmpty();
        for (String machine : machines) {
            assertThat(as("admin").get("/api/v1/machines/{id}", machine).<String>path("nics[0].address"))
                    .startsWith(prefix);
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        Map<String, Object> profile = made("strict");
        Map<String, String> config = new HashMap<>((Map<String, String>) profile.get("config"));
        config.put("colour", "blue");
        profile.put("config", config);
        profile.put("name", "");
        put("strict", profile)
                .then()
                .statusCode(400)
                .body("errors.field", equalTo(List.of("colour", "name")))
                .body("errors[0].detail", equalTo("The kind nat has no setting of this name. Leave it out."));
        as("admin")
                .body(profile("strict-2", net(NET.incrementAndGet()), "blue", "reds"))
                .post("/api/v1/network-profiles")
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("tenants"))
                .body("errors[0].detail", equalTo("There is no team named reds."));
        as("admin")
                .body(profile("new", net(NET.incrementAndGet())))
                .post("/api/v1/network-profiles")
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("slug"));
        as("admin")
                .body(profile("clash", net(NET.get() - 1)))
                .post("/api/v1/network-profiles")
                .then()
                .statusCode(201);
        as("admin")
                .body(profile("clash-2", net(NET.get() - 1)))
                .post("/api/v1/network-profiles")
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("cidr"))
                .body("errors[0].detail", containsString("of network profile clash"));
    }

    @Test
    void aRetiredProfileGetsNoNewMachineUntilItIsOfferedAgain() {
        made("resting");
        template("on-resting", "resting");
        Map<String, Object> large = largeAsk("waits");
        large.put("template", "on-resting");
        large.put("network", "resting");
        String request =
                as("alice").body(large).post("/api/v1/tenants/blue/requests").path("id");
        as("admin").post("/api/v1/network-profiles/resting/retire").then().body("retired", equalTo(true));
        as("admin")
                .post("/api/v1/requests/{id}/approve", request)
                .then()
                .statusCode(409)
                .body("code", equalTo("not-offered"))
                .body("detail", containsString("no longer offered to blue"));
        as("admin").post("/api/v1/network-profiles/resting/restore").then().body("retired", equalTo(false));
        as("admin").post("/api/v1/requests/{id}/approve", request).then().statusCode(200);
    }

    @Test
    void whatHostsSayIsKept() {
        made("checked");
        UUID id = profiles.get(Caller.system("test"), "checked").id();
        Host paper = portal.paper();
        as("admin").post("/api/v1/network-profiles/checked/check").then().statusCode(202);
        as("admin").get("/api/v1/network-profiles/checked/checks").then().body("items.size()", equalTo(0));
        String sentence = "There is no bridge 'br0' on host paper. Make it with \"ip link\", {or} choose another.";
        profiles.checked(
                id,
                paper.id(),
                paper.name(),
                new HostCheck(List.of(sentence), List.of("STP is on."), Map.of("nextHop", "192.0.2.7")));
        as("admin")
                .get("/api/v1/network-profiles/checked/checks")
                .then()
                .body("items[0].host", equalTo("paper"))
                .body("items[0].good", equalTo(false))
                .body("items[0].problems", equalTo(List.of(sentence)))
                .body("items[0].advice", equalTo(List.of("STP is on.")))
                .body("items[0].facts", equalTo(Map.of("nextHop", "192.0.2.7")));
        assertThat(profiles.hostsThatCannot(id)).containsExactly(paper.id());
        profiles.checked(id, paper.id(), paper.name(), HostCheck.GOOD);
        assertThat(profiles.hostsThatCannot(id)).isEmpty();
        as("admin")
                .get("/api/v1/network-profiles/checked")
                .then()
                .body("hosts.can", equalTo(List.of("paper")))
                .body("hosts.cannot", equalTo(List.of()));
    }
}
