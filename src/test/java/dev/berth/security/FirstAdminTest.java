package dev.berth.security;

import static dev.berth.testing.Portal.as;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;

import dev.berth.testing.PostgresResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An installation that is no demo, at its first start. */
@QuarkusTest
@TestProfile(FirstAdminTest.Profile.class)
@QuarkusTestResource(PostgresResource.class)
class FirstAdminTest {
    private static final String PASSWORD = "only for the start";

    /** Without demo data, with a password for the first admin. */
    public static class Profile implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("berth.roles", "web", "berth.auth.first-admin-password", PASSWORD);
        }
    }

    @Test
    void theFirstAdminMakesTheOthers() {
        as("admin", PASSWORD)
                .get("/api/v1/users")
                .then()
                .statusCode(200)
                .body("items.username", contains("admin"))
                .body("items[0].admin", equalTo(true));
        as("admin", PASSWORD)
                .body(Map.of("username", "dora", "displayName", "Dora", "password", "correct horse battery"))
                .post("/api/v1/users")
                .then()
                .statusCode(201);
        as("dora", "correct horse battery").get("/api/v1/me").then().statusCode(200);
    }
}
