package dev.berth.security;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.by;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import dev.berth.demo.DemoData;
import dev.berth.testing.PostgresResource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** An installation that is no demo, at its first start; it has narrow limits on how often anybody may call. */
@QuarkusTest
@TestProfile(FirstAdminTest.Profile.class)
@QuarkusTestResource(PostgresResource.class)
class FirstAdminTest {
    private static final String PASSWORD = "only for the start";
    /** One comes back each 5 seconds. */
    private static final int OFTEN = 12;

    private static final int CALLS = 60;

    /** Without demo data, with a password for the first admin. */
    public static class Profile implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "berth.roles",
                    "web",
                    "berth.auth.first-admin-password",
                    PASSWORD,
                    "berth.auth.attempts-per-address",
                    "5",
                    "berth.rate-limit.per-minute",
                    Integer.toString(OFTEN),
                    "berth.rate-limit.anonymous-per-minute",
                    Integer.toString(OFTEN));
        }
    }

    @Inject
    DemoData demo;

    @Inject
    Users users;

    @Test
    void noDemoPasswordsOutsideADemo() {
        demo.requireNoDemoPasswords();
        users.create("carol", "Carol", false, "berth");
        try {
            assertThatThrownBy(demo::requireNoDemoPasswords)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("password: carol.")
                    .hasMessageContaining("disable them");
        } finally {
            QuarkusTransaction.requiringNew()
                    .run(() ->
                            users.setPassword(users.find("carol").orElseThrow().id(), "correct horse battery"));
        }
        demo.requireNoDemoPasswords();
    }

    @Test
    void theFirstAdminMakesTheOthers() {
        as("admin", PASSWORD)
                .get("/api/v1/users")
                .then()
                .statusCode(200)
                .body("items.username", hasItem("admin"))
                .body("items[0].admin", equalTo(true));
        as("admin", PASSWORD)
                .body(Map.of("username", "dora", "displayName", "Dora", "password", "correct horse battery"))
                .post("/api/v1/users")
                .then()
                .statusCode(201);
        as("dora", "correct horse battery").get("/api/v1/me").then().statusCode(200);
    }

    /** What one token may is not taken from its user or from another token, nor from those who are not signed in. */
    @Test
    void whoeverCallsTooOftenIsToldToWait() {
        List<String> tokens = Stream.of("one", "two")
                .map(name -> as("admin", PASSWORD)
                        .body(Map.of("name", name, "scopes", List.of("read")))
                        .post("/api/v1/tokens")
                        .then()
                        .statusCode(201)
                        .extract()
                        .<String>path("token"))
                .toList();
        Response refused = refusedAfterSome(OFTEN - 1, () -> by(tokens.get(0)).get("/api/v1/me"));
        assertThat(refused.jsonPath().getString("code")).isEqualTo("too-many-requests");
        assertThat(refused.jsonPath().getString("detail")).contains("12 a minute");
        by(tokens.get(1)).get("/api/v1/me").then().statusCode(200);
        as("admin", PASSWORD).get("/api/v1/me").then().statusCode(200);

        // Wrong tokens are not even looked for after some; one that was right a moment ago is.
        Response wrong = refusedAfterSome(1, () -> by("berth_" + "A".repeat(43)).get("/api/v1/me"));
        assertThat(wrong.jsonPath().getString("code")).isEqualTo("too-many-attempts");
        by(tokens.get(1)).get("/api/v1/me").then().statusCode(200);

        Response page =
                refusedAfterSome(1, () -> given().redirects().follow(false).get("/t/blue"));
        assertThat(page.asString()).startsWith("Too many requests");
        given().get("/q/health/live").then().statusCode(200);
        given().get("/icons/sprite.svg").then().statusCode(200);
        by(tokens.get(1)).get("/api/v1/me").then().statusCode(200);
    }

    private static Response refusedAfterSome(int least, Supplier<Response> call) {
        for (int calls = 0; calls < CALLS; calls++) {
            Response answer = call.get();
            if (answer.statusCode() == 429) {
                assertThat(calls).isGreaterThanOrEqualTo(least);
                assertThat(Integer.parseInt(answer.header("Retry-After"))).isBetween(1, 60 / 5);
                return answer;
            }
        }
        throw new AssertionError("None of " + CALLS + " calls was refused");
    }
}
