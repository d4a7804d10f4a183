package dev.berth.api;

import static dev.berth.testing.Portal.as;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An admin makes a template and its revisions; people see what is approved. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class CatalogueTest {
    private static final Map<String, Object> POLICY =
            Map.of("maxVcpus", 2, "maxMemoryMib", 1_024, "maxDiskGib", 5, "maxLeaseHours", 48);

    @Inject
    Portal portal;

    @BeforeEach
    void make() {
        portal.make();
    }

    @Test
    void aTemplatesLife() {
        as("admin")
                .body(Map.of("slug", "life", "name", "Life", "description", "", "policy", POLICY))
                .post("/api/v1/templates")
                .then()
                .statusCode(201)
                .body("policy.longestLeaseHours", equalTo(720))
                .body("current", nullValue());
        as("alice").get("/api/v1/templates/life").then().statusCode(404);
        Map<String, Object> revision = Map.of(
                "image", "linux", "sizes", List.of("tiny"), "networks", List.of("nat"), "storage", List.of("qcow2"));
        for (int number = 1; number <= 2; number++) {
            as("admin")
                    .body(revision)
                    .post("/api/v1/templates/life/revisions")
                    .then()
                    .statusCode(201)
                    .body("number", equalTo(number))
                    .body("state", equalTo("DRAFT"));
        }
        as("admin")
                .post("/api/v1/templates/life/revisions/1/submit")
                .then()
                .statusCode(200)
                .body("state", equalTo("IN_REVIEW"));
        as("admin")
                .post("/api/v1/templates/life/revisions/1/approve")
                .then()
                .statusCode(200)
                .body("state", equalTo("APPROVED"));
        as("alice").get("/api/v1/templates").then().body("items.slug", hasItem("life"));
        as("admin").post("/api/v1/templates/life/revisions/2/approve").then().statusCode(200);
        as("admin").get("/api/v1/templates/life/revisions/1").then().body("state", equalTo("DEPRECATED"));
        as("alice")
                .get("/api/v1/templates/life")
                .then()
                .body("current", equalTo(2))
                .body("revisions.number", equalTo(List.of(2)));
        as("admin")
                .post("/api/v1/templates/life/revisions/2/reopen")
                .then()
                .statusCode(409)
                .body("code", equalTo("wrong-state"));
        as("admin").post("/api/v1/templates/life/revisions/2/retire").then().statusCode(200);
        as("alice").get("/api/v1/templates").then().body("items.slug", not(hasItem("life")));
    }

    @Test
    void refusesWhatDoesNotFit() {
        as("admin")
                .body(Map.of("slug", "bare", "name", "Bare"))
                .post("/api/v1/templates")
                .then()
                .statusCode(400);
        as("admin")
                .body(Map.of("slug", "bare", "name", "Bare", "policy", Map.of("maxVcpus", 1)))
                .post("/api/v1/templates")
                .then()
                .statusCode(400);
        as("admin")
                .body(Map.of(
                        "image", "nothing", "sizes", List.of("giant"), "networks", List.of(), "storage", List.of("x")))
                .post("/api/v1/templates/linux/revisions")
                .then()
                .statusCode(400)
                .body("errors.field", equalTo(List.of("image", "networks", "sizes", "storage")));
        as("admin")
                .body("{\"slug\":\"n\",\"name\":\"N\",\"kind\":\"nat\",\"config\":{\"cidr\":null}}")
                .post("/api/v1/network-profiles")
                .then()
                .statusCode(400);
        as("admin")
                .body("{\"slug\":\"n\",\"name\":\"N\",\"kind\":\"carrier-pigeon\"}")
                .post("/api/v1/network-profiles")
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("kind"));
    }

    @Test
    void kindsSpeakToPeople() {
        as("alice").get("/api/v1/network-kinds").then().statusCode(200).body("items.id", hasItem("nat"));
        as("alice").get("/api/v1/storage-kinds").then().body("items.id", hasItem("qcow2"));
        as("alice").get("/api/v1/sizes?limit=2").then().body("items.slug", equalTo(List.of("tiny", "small")));
        String next = as("alice").get("/api/v1/sizes?limit=2").path("next");
        as("alice")
                .queryParam("cursor", next)
                .get("/api/v1/sizes?limit=2")
                .then()
                .body("items.slug", equalTo(List.of("medium", "large")))
                .body("next", nullValue());
    }
}
