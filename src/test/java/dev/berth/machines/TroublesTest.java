package dev.berth.machines;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import dev.berth.catalog.StorageProfiles;
import dev.berth.security.Caller;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lost storage shows on the machines that are on it, and on no others, until it is back. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class TroublesTest {
    private static final String LOST = "The storage LUNs is lost.";

    @Inject
    Portal portal;

    @Inject
    Troubles troubles;

    @Inject
    StorageProfiles storage;

    private String tenant;
    private String machine;
    private UUID profile;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(3);
        machine = as(tenant + "-user")
                .body(ask("web"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201)
                .extract()
                .path("machineId");
        profile = storage.get(Caller.system("test"), "qcow2").id();
    }

    @AfterEach
    void isBack() {
        troubles.seen("paper", Map.of(), Map.of());
    }

    @Test
    void showsAsLongAsItIsLost() {
        saysOfTrouble("");
        org.assertj.core.api.Assertions.assertThat(troubles.storageInUse("paper"))
                .contains(profile);
        troubles.seen("paper", Map.of(UUID.randomUUID(), LOST), Map.of());
        saysOfTrouble("");
        troubles.seen("elsewhere", Map.of(profile, LOST), Map.of());
        saysOfTrouble("");

        troubles.seen("paper", Map.of(profile, LOST), Map.of());
        troubles.seen("paper", Map.of(profile, LOST), Map.of());
        saysOfTrouble(LOST);
        as("admin")
                .get("/api/v1/machines/{id}", machine)
                .then()
                .body("failure", equalTo(""))
                .body("failureCode", equalTo(""));

        troubles.seen("paper", Map.of(), Map.of());
        saysOfTrouble("");
    }

    private void saysOfTrouble(String sentence) {
        as(tenant + "-user")
                .get("/api/v1/machines/{id}", machine)
                .then()
                .statusCode(200)
                .body("trouble", equalTo(sentence));
    }

    @Test
    void aSecretIsAskedForInItsOwnPlace() {
        String secret = "chap-secret-of-a-test";
        String slug = "s" + tenant;
        as("admin")
                .body(Map.of(
                        "slug",
                        slug,
                        "name",
                        "LUNs",
                        "kind",
                        "iscsi",
                        "config",
                        Map.of("portal", "192.0.2.1", "target", "iqn.2026-01.dev.berth:x", "user", "berth")))
                .post("/api/v1/storage-profiles")
                .then()
                .statusCode(201);
        String path = "/api/v1/storage-profiles/" + slug + "/secret";
        as("admin")
                .body(Map.of("secret", "short"))
                .put(path)
                .then()
                .statusCode(400)
                .body(not(containsString("short")));
        as(tenant + "-user").body(Map.of("secret", secret)).put(path).then().statusCode(403);
        as("admin")
                .body(Map.of("secret", secret))
                .put("/api/v1/storage-profiles/qcow2/secret")
                .then()
                .statusCode(409);
        // The host on paper has no worker to give it to.
        as("admin")
                .body(Map.of("secret", secret))
                .put(path)
                .then()
                .statusCode(200)
                .body(not(containsString(secret)))
                .body("hosts.find { it.host == 'paper' }.problem", containsString("could not be reached"));
        as("admin").get("/api/v1/storage-profiles/" + slug).then().body(not(containsString(secret)));
        as("admin").get("/api/v1/audit").then().body(not(containsString(secret)));
        as("admin").post("/api/v1/storage-profiles/" + slug + "/retire").then().statusCode(200);
    }
}
