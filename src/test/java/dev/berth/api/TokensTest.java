package dev.berth.api;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static dev.berth.testing.Portal.by;
import static dev.berth.testing.Portal.largeAsk;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import dev.berth.common.Sha256;
import dev.berth.security.Scope;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Programs' tokens: who makes them, what they open, and when they no longer do. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class TokensTest {
    @Inject
    Portal portal;

    @Inject
    DataSource dataSource;

    private String tenant;
    private String user;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(5);
        user = tenant + "-user";
    }

    private static Map<String, Object> draft(String... scopes) {
        return new HashMap<>(Map.of("name", "nightly", "scopes", List.of(scopes)));
    }

    private void sql(String update, String text) {
        try (var connection = dataSource.getConnection();
                var statement = connection.prepareStatement(update)) {
            statement.setString(1, Sha256.hex(text));
            assertThat(statement.executeUpdate()).isEqualTo(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void refused(String token) {
        by(token)
                .get("/api/v1/me")
                .then()
                .statusCode(401)
                .header("WWW-Authenticate", containsString("error=\"invalid_token\""))
                .body("code", equalTo("invalid-token"));
    }

    @Test
    void isShownOnceAndNowhereKept() throws SQLException {
        JsonPath made = as(user).header("Idempotency-Key", tenant)
                .body(draft("machines"))
                .post("/api/v1/tokens")
                .then()
                .statusCode(201)
                .body("scopes", equalTo(List.of("machines")))
                .body("tenant", equalTo(""))
                .body("usedAt", nullValue())
                .extract()
                .jsonPath();
        String text = made.getString("token");
        assertThat(text).matches("berth_[A-Za-z0-9_-]{43}");
        by(text).get("/api/v1/me").then().statusCode(200).body("username", equalTo(user));
        as(user).get("/api/v1/tokens")
                .then()
                .body("items[0].id", equalTo(made.getString("id")))
                .body("items[0].usedAt", notNullValue())
                .body("items[0]", not(hasKey("token")));
        // Sent again under its key, it is the same token without its text.
        as(user).header("Idempotency-Key", tenant)
                .body(draft("machines"))
                .post("/api/v1/tokens")
                .then()
                .statusCode(201)
                .header("Idempotency-Replayed", "true")
                .body("id", equalTo(made.getString("id")))
                .body("$", not(hasKey("token")));
        try (var connection = dataSource.getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("select count(*) from api_token t, idempotency_key k, audit_event e"
                        + " where t::text like '%" + text + "%' or k::text like '%" + text + "%'"
                        + " or e::text like '%" + text + "%'")) {
            rows.next();
            assertThat(rows.getInt(1)).isZero();
        }
    }

    @Test
    void endsWhenItIsRevokedExpiresOrItsUserGoes() {
        String revoked = portal.token(user, Set.of(Scope.READ), null);
        String expired = portal.token(user, Set.of(Scope.READ), null);
        String disabled = portal.token(user, Set.of(Scope.READ), null);
        List<String> ids = as(user).get("/api/v1/tokens").path("items.id");
        assertThat(ids).hasSize(3);
        String id = by(revoked).get("/api/v1/tokens").path("items.find { it.usedAt != null }.id");
        // Not another's to revoke, and not a token's.
        as("alice").delete("/api/v1/tokens/" + id).then().statusCode(404);
        by(revoked).delete("/api/v1/tokens/" + id).then().statusCode(403);
        by(revoked)
                .body(draft("read"))
                .post("/api/v1/tokens")
                .then()
                .statusCode(403)
                .header("WWW-Authenticate", containsString("insufficient_scope"));
        as(user).delete("/api/v1/tokens/" + id).then().statusCode(204);
        as(user).delete("/api/v1/tokens/" + id).then().statusCode(404);
        refused(revoked);

        sql("update api_token set expires_at = now() where digest = ?", expired);
        refused(expired);

        by(disabled).get("/api/v1/me").then().statusCode(200);
        as("admin").post("/api/v1/users/" + user + "/disable").then().statusCode(200);
        refused(disabled);
        as("admin").post("/api/v1/users/" + user + "/enable").then().statusCode(200);
        by(disabled).get("/api/v1/me").then().statusCode(200);
        // Admins see and revoke everybody's.
        for (String other : ids) {
            int wanted = other.equals(id) ? 404 : 204;
            as("alice")
                    .delete("/api/v1/users/" + user + "/tokens/" + other)
                    .then()
                    .statusCode(403);
            as("admin")
                    .delete("/api/v1/users/" + user + "/tokens/" + other)
                    .then()
                    .statusCode(wanted);
        }
        refused(disabled);
        as("admin").get("/api/v1/users/" + user + "/tokens").then().body("items", empty());
        as("admin")
                .get("/api/v1/audit?action=token.&limit=200")
                .then()
                .body("items.findAll { it.action == 'token.revoke' }.detail.user", hasItem(user));
    }

    @Test
    void whatIsNoTokenIsNobodys() {
        String good = portal.token(user, Set.of(Scope.READ), null);
        for (String wrong : List.of(
                "",
                "x",
                "berth_",
                good.substring(1),
                good + "A",
                good.substring(0, good.length() - 1) + "!",
                good + "' or '1'='1")) {
            refused(wrong);
        }
        refused("berth_" + "A".repeat(43));
        by(good).get("/api/v1/me").then().statusCode(200);
        // Neither pages nor the console's socket look at it.
        for (String page : List.of("/", "/t/" + tenant + "/machines", "/account/tokens", "/live")) {
            by(good).redirects().follow(false).get(page).then().statusCode(302).header("Location", endsWith("/login"));
        }
        by(good).get("/api/v1/console").then().statusCode(not(equalTo(101)));
    }

    @Test
    void opensWhatItsScopesAndItsTenantDo() {
        String other = portal.tenant(5);
        as("admin")
                .body(Map.of("username", user, "role", "OWNER"))
                .post("/api/v1/tenants/" + other + "/members")
                .then()
                .statusCode(201);
        String read = portal.token(user, Set.of(Scope.READ), null);
        String machines = portal.token(user, Set.of(Scope.MACHINES), tenant);
        by(read).get("/api/v1/me").then().body("tenants.slug", containsInAnyOrder(tenant, other));
        by(machines).get("/api/v1/me").then().body("tenants.slug", equalTo(List.of(tenant)));
        by(read).get("/api/v1/notices").then().statusCode(200);
        by(machines).get("/api/v1/notices").then().statusCode(403).body("detail", containsString("for one team"));
        by(read).body(ask("one"))
                .post("/api/v1/tenants/" + tenant + "/requests")
                .then()
                .statusCode(403)
                .body("detail", containsString("lacks the scope machines"));
        String machine = by(machines)
                .body(ask("one"))
                .post("/api/v1/tenants/" + tenant + "/requests")
                .then()
                .statusCode(201)
                .extract()
                .path("machineId");
        by(machines)
                .body(ask("two"))
                .post("/api/v1/tenants/" + other + "/requests")
                .then()
                .statusCode(404);
        by(read).get("/api/v1/machines/" + machine).then().statusCode(200);
        as("admin")
                .get("/api/v1/audit?action=request.create&limit=200")
                .then()
                .body(
                        "items.find { it.username == '" + user + "' && it.subjectName == 'one' }.source",
                        endsWith(", token test"));

        // An owner's token for machines does what members do.
        String mine = portal.token(user, Set.of(Scope.MACHINES), other);
        String approves = portal.token(user, Set.of(Scope.APPROVE), other);
        String request = by(mine).body(largeAsk("large"))
                .post("/api/v1/tenants/" + other + "/requests")
                .path("id");
        by(mine).post("/api/v1/requests/" + request + "/approve").then().statusCode(403);
        by(approves)
                .body(Map.of("reason", "Not now."))
                .post("/api/v1/requests/" + request + "/deny")
                .then()
                .statusCode(not(equalTo(404)));

        // Whoever left the tenant finds nothing there.
        as("admin")
                .delete("/api/v1/tenants/" + tenant + "/members/" + user)
                .then()
                .statusCode(204);
        by(machines).get("/api/v1/machines/" + machine).then().statusCode(404);
        by(machines).get("/api/v1/me").then().statusCode(200).body("tenants", empty());
    }

    @Test
    void onlyScopesThatMeanSomethingAreGiven() {
        Map<String, Map<String, Object>> wrong = Map.of(
                "Only an admin may give admin", draft("admin"),
                "Only an owner of the team or an admin", draft("approve"),
                "Use some of read, machines", draft("everything"),
                "Choose what it may be used for", draft());
        wrong.forEach((sentence, draft) -> as(user).body(draft)
                .post("/api/v1/tokens")
                .then()
                .statusCode(400)
                .body("errors.find { it.field == 'scopes' }.detail", containsString(sentence)));
        Map<String, Object> one = draft("admin");
        one.put("tenant", "blue");
        as("admin").body(one).post("/api/v1/tokens").then().statusCode(400);
        Map<String, Object> foreign = draft("read");
        foreign.put("tenant", "blue");
        as(user).body(foreign).post("/api/v1/tokens").then().statusCode(400).body("errors.field", hasItem("tenant"));
        for (int days : List.of(0, -1, 366, Integer.MAX_VALUE)) {
            Map<String, Object> wide = draft("read");
            wide.put("days", days);
            wide.put("name", "two\nlines");
            as(user).body(wide)
                    .post("/api/v1/tokens")
                    .then()
                    .statusCode(400)
                    .body("errors.field", equalTo(List.of("days", "name")));
        }
        String admin = portal.token("admin", Set.of(Scope.ADMIN), null);
        by(admin).get("/api/v1/jobs").then().statusCode(200);
        by(portal.token("admin", Set.of(Scope.MACHINES), null))
                .get("/api/v1/jobs")
                .then()
                .statusCode(403);
        as("admin").delete("/api/v1/tokens/" + UUID.randomUUID()).then().statusCode(404);
    }

    @Test
    void thereAreNotTooMany() {
        for (int i = 0; i < 50; i++) {
            portal.token(user, Set.of(Scope.READ), null);
        }
        as(user).body(draft("read"))
                .post("/api/v1/tokens")
                .then()
                .statusCode(409)
                .body("code", equalTo("too-many-tokens"));
        given().get("/api/v1/tokens").then().statusCode(401);
    }
}
