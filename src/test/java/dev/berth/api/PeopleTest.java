package dev.berth.api;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.not;

import dev.berth.testing.Parallel;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tenants, their members and people's accounts, as admins and owners make and change them. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class PeopleTest {
    private static final String PASSWORD = "correct horse battery";

    @Inject
    Portal portal;

    private String tag;

    @BeforeEach
    void make() {
        portal.make();
        tag = "p" + UUID.randomUUID().toString().substring(0, 8);
    }

    private String user(String name) {
        String username = tag + "-" + name;
        as("admin")
                .body(Map.of("username", username, "displayName", name, "password", PASSWORD))
                .post("/api/v1/users")
                .then()
                .statusCode(201)
                .header("Location", containsString("/api/v1/users/" + username))
                .body("admin", equalTo(false));
        return username;
    }

    private void tenant() {
        as("admin")
                .body(Map.of(
                        "slug",
                        tag,
                        "name",
                        "Team " + tag,
                        "limits",
                        Map.of("machines", 2, "vcpus", 4, "memory_mib", 2_048, "disk_gib", 20)))
                .post("/api/v1/tenants")
                .then()
                .statusCode(201)
                .body("slug", equalTo(tag));
    }

    private void member(String by, String password, String username, String role, int status) {
        as(by, password)
                .body(Map.of("username", username, "role", role))
                .post("/api/v1/tenants/{tenant}/members", tag)
                .then()
                .statusCode(status);
    }

    @Test
    void aNewTenantIsReadyToAskForMachines() {
        tenant();
        String dora = user("dora");
        as(dora, PASSWORD).get("/api/v1/tenants/{tenant}", tag).then().statusCode(404);
        member("admin", Portal.PASSWORD, dora, "MEMBER", 201);
        as(dora, PASSWORD)
                .body(ask("first"))
                .post("/api/v1/tenants/{tenant}/requests", tag)
                .then()
                .statusCode(201)
                .body("state", equalTo("APPROVED"));
        as(dora, PASSWORD)
                .get("/api/v1/tenants/{tenant}/quota", tag)
                .then()
                .body("items.find { it.resource == 'machines' }.limit", equalTo(2))
                .body("items.find { it.resource == 'machines' }.used", equalTo(1));
        as("admin").get("/api/v1/audit?action=tenant.create").then().body("items.subjectName", hasItem(tag));
        as("admin")
                .body(Map.of("slug", tag, "name", "Again"))
                .post("/api/v1/tenants")
                .then()
                .statusCode(409)
                .body("code", equalTo("taken"));
        as("admin")
                .body(Map.of("slug", "No Slug", "name", "", "limits", Map.of("machines", 1)))
                .post("/api/v1/tenants")
                .then()
                .statusCode(400)
                .body("errors.field", hasItems("slug", "name"));
    }

    @Test
    void ownersSayWhoBelongsAndKeepAnOwner() {
        tenant();
        String owner = user("owner");
        String other = user("other");
        member("admin", Portal.PASSWORD, owner, "OWNER", 201);
        member(owner, PASSWORD, other, "MEMBER", 201);
        member(owner, PASSWORD, other, "MEMBER", 409);
        member(owner, PASSWORD, "nobody-is-called-so", "MEMBER", 400);
        member(other, PASSWORD, "alice", "MEMBER", 403);
        as(other, PASSWORD)
                .get("/api/v1/tenants/{tenant}/members", tag)
                .then()
                .body("items.username", hasItems(owner, other));
        as(other, PASSWORD)
                .delete("/api/v1/tenants/{tenant}/members/{user}", tag, owner)
                .then()
                .statusCode(403);
        as(owner, PASSWORD)
                .delete("/api/v1/tenants/{tenant}/members/{user}", tag, owner)
                .then()
                .statusCode(409)
                .body("code", equalTo("last-owner"));
        as(owner, PASSWORD)
                .body(Map.of("role", "MEMBER"))
                .put("/api/v1/tenants/{tenant}/members/{user}", tag, owner)
                .then()
                .statusCode(409);
        as(owner, PASSWORD)
                .body(Map.of("role", "OWNER"))
                .put("/api/v1/tenants/{tenant}/members/{user}", tag, other)
                .then()
                .statusCode(200)
                .body("role", equalTo("OWNER"));
        // Each wants the other out, at once: one of them stays.
        List<String> owners = List.of(owner, other);
        List<Integer> answers = Parallel.run(2, i -> as(owners.get(i), PASSWORD)
                .delete("/api/v1/tenants/{tenant}/members/{user}", tag, owners.get(1 - i))
                .statusCode());
        assertThat(answers).containsOnlyOnce(204);
        as("admin")
                .get("/api/v1/tenants/{tenant}/members", tag)
                .then()
                .body("items.size()", equalTo(1))
                .body("items[0].role", equalTo("OWNER"));
    }

    @Test
    void aRemovedMemberIsOutAtTheNextRequest() {
        tenant();
        String dora = user("dora");
        member("admin", Portal.PASSWORD, dora, "MEMBER", 201);
        String machine = as(dora, PASSWORD)
                .body(ask("stays"))
                .post("/api/v1/tenants/{tenant}/requests", tag)
                .path("machineId");
        as(dora, PASSWORD).get("/api/v1/machines/{id}", machine).then().statusCode(200);
        as("admin")
                .delete("/api/v1/tenants/{tenant}/members/{user}", tag, dora)
                .then()
                .statusCode(204);
        as(dora, PASSWORD).get("/api/v1/machines/{id}", machine).then().statusCode(404);
        as(dora, PASSWORD).get("/api/v1/tenants/{tenant}", tag).then().statusCode(404);
        as("admin")
                .get("/api/v1/machines/{id}", machine)
                .then()
                .body("tenant", equalTo(tag))
                .body("owner", equalTo(dora));
        as("admin")
                .delete("/api/v1/tenants/{tenant}/members/{user}", tag, dora)
                .then()
                .statusCode(404);
    }

    @Test
    void whoeverIsDisabledIsOutAtOnce() {
        String dora = user("dora");
        Response signedIn = given().redirects()
                .follow(false)
                .formParam("username", dora)
                .formParam("password", PASSWORD)
                .post("/login");
        String session = signedIn.cookie("berth-session");
        given().cookie("berth-session", session).get("/account").then().statusCode(200);
        as(dora, PASSWORD).get("/api/v1/me").then().statusCode(200);
        as("admin")
                .post("/api/v1/users/{user}/disable", dora)
                .then()
                .statusCode(200)
                .body("disabled", equalTo(true));
        as(dora, PASSWORD).get("/api/v1/me").then().statusCode(401);
        RequestSpecification open = given().redirects().follow(false).cookie("berth-session", session);
        open.get("/account").then().statusCode(302).header("Location", containsString("/login"));
        // The way to the form is no circle.
        given().redirects()
                .follow(false)
                .cookie("berth-session", session)
                .get("/login")
                .then()
                .statusCode(200);
        assertThat(given().redirects()
                        .follow(false)
                        .formParam("username", dora)
                        .formParam("password", PASSWORD)
                        .post("/login")
                        .header("Location"))
                .contains("/login?error");
        as("admin").post("/api/v1/users/{user}/enable", dora).then().statusCode(200);
        as(dora, PASSWORD).get("/api/v1/me").then().statusCode(200);
        as("admin")
                .post("/api/v1/users/admin/disable")
                .then()
                .statusCode(409)
                .body("detail", containsString("can't disable yourself"));
        as("admin")
                .get("/api/v1/audit?action=user.")
                .then()
                .body("items.action", hasItems("user.create", "user.disable", "user.enable"));
    }

    @Test
    void passwordsChangeAndTheOldOnesAreWorthNothing() {
        String dora = user("dora");
        as(dora, PASSWORD)
                .body(Map.of("current", "wrong", "password", "short"))
                .put("/api/v1/me/password")
                .then()
                .statusCode(400)
                .body("errors.field", hasItems("current", "password"));
        as(dora, PASSWORD)
                .body(Map.of("current", PASSWORD, "password", "another long one"))
                .put("/api/v1/me/password")
                .then()
                .statusCode(204);
        as(dora, PASSWORD).get("/api/v1/me").then().statusCode(401);
        as(dora, "another long one").get("/api/v1/me").then().statusCode(200);
        as("admin")
                .body(Map.of("password", "set by an admin"))
                .put("/api/v1/users/{user}/password", dora)
                .then()
                .statusCode(204);
        as(dora, "another long one").get("/api/v1/me").then().statusCode(401);
        as(dora, "set by an admin").get("/api/v1/me").then().statusCode(200);
        String audit = as("admin").get("/api/v1/audit?action=user.").asString();
        assertThat(audit).contains("user.set-password", "user.change-password").doesNotContain("long one", PASSWORD);
    }

    @Test
    void badAccountsAreRefusedWithSentences() {
        for (Map<String, String> wrong : List.of(
                Map.of("username", "Dora", "displayName", "Dora", "password", PASSWORD),
                Map.of("username", "a:b", "displayName", "Dora", "password", PASSWORD),
                Map.of("username", "berth", "displayName", "Dora", "password", PASSWORD),
                Map.of("username", tag, "displayName", "Do\nra", "password", PASSWORD),
                Map.of("username", tag, "displayName", "Dora", "password", "123456789"),
                Map.of("username", tag, "displayName", "Dora", "password", "é".repeat(37)),
                Map.of("username", "aaaaaaaaaa", "displayName", "Dora", "password", "AAAAAAAAAA"),
                Map.of("username", tag, "displayName", "Dora"))) {
            as("admin").body(wrong).post("/api/v1/users").then().statusCode(400).body("errors.size()", equalTo(1));
        }
        as("admin")
                .body(Map.of("username", "alice", "displayName", "Dora", "password", PASSWORD))
                .post("/api/v1/users")
                .then()
                .statusCode(409)
                .body("code", equalTo("taken"));
        as("admin").get("/api/v1/users?q=" + tag).then().body("items.username", not(hasItem(tag)));
    }

    @Test
    void anAccountIsMadeOnceUnderOneKey() {
        Map<String, String> dora = Map.of("username", tag, "displayName", "Dora", "password", PASSWORD);
        for (String replayed : List.of("null", "true")) {
            assertThat(String.valueOf(as("admin")
                            .header("Idempotency-Key", tag)
                            .body(dora)
                            .post("/api/v1/users")
                            .then()
                            .statusCode(201)
                            .body("username", equalTo(tag))
                            .extract()
                            .header("Idempotency-Replayed")))
                    .isEqualTo(replayed);
        }
        as("admin")
                .header("Idempotency-Key", tag)
                .body(Map.of("username", tag, "displayName", "Dora", "password", PASSWORD + "!"))
                .post("/api/v1/users")
                .then()
                .statusCode(422);
    }
}
