package dev.berth.api;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.berth.tenancy.Resource;
import dev.berth.testing.Parallel;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Opening and closing ports: what is granted, what is refused and how it is said, and the quota. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class ForwardsTest {
    @Inject
    Portal portal;

    @Inject
    DataSource dataSource;

    private String tenant;
    private String user;
    private String machine;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(3);
        user = tenant + "-user";
        machine = machine(user, tenant, "web");
    }

    private static String machine(String user, String tenant, String name) {
        return as(user).body(ask(name))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201)
                .extract()
                .path("machineId");
    }

    private Response open(Map<String, ?> body) {
        return as(user).body(body).post("/api/v1/machines/{id}/forwards", machine);
    }

    private ValidatableResponse refused(int status, String code, String detail, Map<String, ?> body) {
        return open(body).then().statusCode(status).body("code", equalTo(code)).body("detail", containsString(detail));
    }

    @Test
    void opensShowsAndCloses() {
        String id = open(Map.of("guestPort", 22, "hostPort", 20_901, "description", "the build farm"))
                .then()
                .statusCode(201)
                .header("Location", containsString("/api/v1/machines/" + machine + "/forwards/"))
                .body("protocol", equalTo("TCP"))
                .body("hostAddress", not(emptyString()))
                .body("state", equalTo("OPENING"))
                .body("ssh", startsWith("ssh -p 20901 user@"))
                .body("url", nullValue())
                .body("createdBy", equalTo(user))
                .extract()
                .path("id");
        open(Map.of("guestPort", 443, "hostPort", 20_902))
                .then()
                .statusCode(201)
                .body("url", allOf(startsWith("https://"), endsWith(":20902/")))
                .body("ssh", nullValue());
        open(Map.of("guestPort", 22, "hostPort", 20_902, "protocol", "udp"))
                .then()
                .statusCode(201)
                .body("ssh", nullValue());
        as(user).get("/api/v1/machines/{id}/forwards", machine)
                .then()
                .statusCode(200)
                .body("items.hostPort", contains(20_901, 20_902, 20_902))
                .body("items.description", hasItem("the build farm"));
        assertThat(portal.used(tenant)).containsEntry(Resource.FORWARDS, 3L);

        as(user).delete("/api/v1/machines/{m}/forwards/{id}", machine, id)
                .then()
                .statusCode(204);
        as(user).delete("/api/v1/machines/{m}/forwards/{id}", machine, id)
                .then()
                .statusCode(404);
        as(user).get("/api/v1/machines/{m}/forwards/{id}", machine, id).then().statusCode(404);
        assertThat(portal.used(tenant)).containsEntry(Resource.FORWARDS, 2L);
        assertThat(portal.drift()).isEmpty();
        as("admin")
                .get("/api/v1/audit?tenant=" + tenant)
                .then()
                .body("items.action", hasItem("forward.open"))
                .body("items.action", hasItem("forward.close"));
    }

    @Test
    void givesTheNextFreePort() {
        int first =
                open(Map.of("guestPort", 1)).then().statusCode(201).extract().path("hostPort");
        int second =
                open(Map.of("guestPort", 2)).then().statusCode(201).extract().path("hostPort");
        assertThat(first).isBetween(20_000, 20_999);
        assertThat(second).isBetween(first + 1, 20_999);
    }

    @Test
    void saysWhatIsWrong() {
        refused(400, "invalid", "port of the machine from 1 to 65535", Map.of("guestPort", 0));
        refused(400, "invalid", "port of the machine from 1 to 65535", Map.of("guestPort", 65_536));
        refused(400, "invalid", "port of the machine from 1 to 65535", Map.of());
        refused(400, "invalid", "from 20000 to 20999", Map.of("guestPort", 22, "hostPort", 22));
        refused(400, "invalid", "from 20000 to 20999", Map.of("guestPort", 22, "hostPort", 21_000));
        refused(400, "invalid", "TCP, UDP", Map.of("guestPort", 22, "protocol", "sctp"));
        refused(400, "invalid", "one line", Map.of("guestPort", 22, "description", "a\nb"));
        refused(400, "invalid", "100", Map.of("guestPort", 22, "description", "a".repeat(101)));
        refused(400, "invalid", "no such field", Map.of("guestPort", 22, "port", 1));
        assertThat(portal.used(tenant)).containsEntry(Resource.FORWARDS, 0L);
    }

    @Test
    void refusesWhatIsTakenAndWhatIsOpenAlready() {
        open(Map.of("guestPort", 22, "hostPort", 20_910)).then().statusCode(201);
        refused(409, "taken", "Port 20910 (TCP) of the host is taken", Map.of("guestPort", 23, "hostPort", 20_910));
        refused(409, "taken", "Port 22 (TCP) of the machine is open already", Map.of("guestPort", 22));
        assertThat(portal.used(tenant)).containsEntry(Resource.FORWARDS, 1L);
        assertThat(portal.drift()).isEmpty();
    }

    @Test
    void holdsToTheQuota() {
        for (int port = 1; port <= 5; port++) {
            open(Map.of("guestPort", port)).then().statusCode(201);
        }
        refused(409, "quota-exceeded", "Close a port or ask for more", Map.of("guestPort", 6));
        assertThat(portal.used(tenant)).containsEntry(Resource.FORWARDS, 5L);
        assertThat(portal.drift()).isEmpty();
    }

    @Test
    void opensNoneOfAMachineThatIsBeingDeleted() {
        as(user).delete("/api/v1/machines/{id}", machine).then().statusCode(202);
        refused(409, "wrong-state", "being deleted", Map.of("guestPort", 22));
    }

    @Test
    void saysWhyANetworkHasNoPorts() {
        String slug = "closed-" + tenant;
        Map<String, Object> profile =
                new HashMap<>(Map.of("slug", slug, "name", "Closed", "description", "", "kind", "nat"));
        profile.put("config", Map.of("cidr", "10.78.0.0/24", "rangeStart", "10.78.0.10", "rangeEnd", "10.78.0.20"));
        as("admin").body(profile).post("/api/v1/network-profiles").then().statusCode(201);
        String template = "t-" + slug;
        Map<String, Integer> policy = Map.of("maxVcpus", 1, "maxMemoryMib", 512, "maxDiskGib", 5, "maxLeaseHours", 48);
        as("admin")
                .body(Map.of("slug", template, "name", "Closed", "description", "", "policy", policy))
                .post("/api/v1/templates")
                .then()
                .statusCode(201);
        as("admin")
                .body(Map.of(
                        "image",
                        "linux",
                        "sizes",
                        List.of("tiny"),
                        "networks",
                        List.of(slug),
                        "storage",
                        List.of("qcow2"),
                        "notes",
                        ""))
                .post("/api/v1/templates/{t}/revisions", template)
                .then()
                .statusCode(201);
        as("admin")
                .post("/api/v1/templates/{t}/revisions/1/approve", template)
                .then()
                .statusCode(200);
        Map<String, Object> ask = ask("closed");
        ask.put("template", template);
        ask.put("network", slug);
        machine =
                as(user).body(ask).post("/api/v1/tenants/{t}/requests", tenant).path("machineId");
        refused(409, "no-ports", "has no ports to open. Ask an admin", Map.of("guestPort", 22));
    }

    @Test
    void isDoneOnceUnderOneKey() {
        for (int time = 0; time < 2; time++) {
            as(user).header("Idempotency-Key", "open-" + tenant)
                    .body(Map.of("guestPort", 22))
                    .post("/api/v1/machines/{id}/forwards", machine)
                    .then()
                    .statusCode(201);
        }
        as(user).get("/api/v1/machines/{id}/forwards", machine).then().body("items.guestPort", contains(22));
    }

    @Test
    void aStrangerFindsNothing() {
        String id = open(Map.of("guestPort", 22)).path("id");
        String stranger = portal.tenant(1) + "-user";
        as(stranger).get("/api/v1/machines/{id}/forwards", machine).then().statusCode(404);
        as(stranger)
                .get("/api/v1/machines/{m}/forwards/{id}", machine, id)
                .then()
                .statusCode(404);
        as(stranger)
                .body(Map.of("guestPort", 23))
                .post("/api/v1/machines/{id}/forwards", machine)
                .then()
                .statusCode(404);
        as(stranger)
                .delete("/api/v1/machines/{m}/forwards/{id}", machine, id)
                .then()
                .statusCode(404);
    }

    @Test
    void onePortGoesToOneOfTwenty() {
        List<String> tenants = java.util.stream.IntStream.range(0, 20)
                .mapToObj(i -> portal.tenant(1))
                .toList();
        List<String> machines = tenants.stream()
                .map(slug -> machine(slug + "-user", slug, "racer"))
                .toList();

        List<Response> answers = Parallel.run(20, i -> as(tenants.get(i) + "-user")
                .body(Map.of("guestPort", 22, "hostPort", 20_920))
                .post("/api/v1/machines/{id}/forwards", machines.get(i)));
        assertThat(answers).filteredOn(answer -> answer.statusCode() == 201).hasSize(1);
        assertThat(answers)
                .filteredOn(answer -> answer.statusCode() != 201)
                .hasSize(19)
                .allSatisfy(answer -> {
                    assertThat(answer.statusCode()).isEqualTo(409);
                    assertThat(answer.<String>path("detail")).contains("Port 20920 (TCP) of the host is taken");
                });
        assertThat(tenants)
                .filteredOn(slug -> portal.used(slug).get(Resource.FORWARDS) == 1L)
                .hasSize(1);

        List<Response> next = Parallel.run(20, i -> as(tenants.get(i) + "-user")
                .body(Map.of("guestPort", 80))
                .post("/api/v1/machines/{id}/forwards", machines.get(i)));
        assertThat(next).allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(201));
        assertThat(next.stream().map(answer -> answer.<Integer>path("hostPort")).distinct())
                .hasSize(20);
        assertThat(portal.drift()).isEmpty();
    }

    /** Somebody who did not wait in line has the port, but has not said so yet. */
    @Test
    void theConstraintHasTheLastWordAndStillSaysASentence() throws Exception {
        try (var connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try (var insert = connection.prepareStatement(
                    """
                    insert into forward (id, machine_id, nic_id, host_id, host_name, protocol, host_port, guest_port,
                                         created_by, created_at)
                    select gen_random_uuid(), m.id, n.id, m.host_id, m.host_name, 'TCP', 20930, 99, 'test', now()
                      from machine m join nic n on n.machine_id = m.id where m.id = ?::uuid""")) {
                insert.setString(1, machine(user, tenant, "first"));
                insert.executeUpdate();
            }
            CompletableFuture<Response> late =
                    CompletableFuture.supplyAsync(() -> open(Map.of("guestPort", 22, "hostPort", 20_930)));
            Awaitility.await().until(this::somebodyWaits);
            connection.commit();
            late.get(20, TimeUnit.SECONDS)
                    .then()
                    .statusCode(409)
                    .body("code", equalTo("taken"))
                    .body("detail", containsString("Port 20930 (TCP) of the host is taken"));
        }
        assertThat(portal.used(tenant)).containsEntry(Resource.FORWARDS, 0L);
        as(user).get("/api/v1/machines/{id}/forwards", machine).then().body("items", empty());
    }

    private boolean somebodyWaits() throws java.sql.SQLException {
        try (var connection = dataSource.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(
                        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert into forward%'")) {
            row.next();
            return row.getLong(1) > 0;
        }
    }
}
