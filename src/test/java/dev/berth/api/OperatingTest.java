package dev.berth.api;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;

import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

/** What monitoring sees. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class OperatingTest {
    @Inject
    Portal portal;

    @Test
    void readinessNamesWhatItLooksAt() {
        given().get("/q/health/ready")
                .then()
                .statusCode(200)
                .body("status", equalTo("UP"))
                .body("checks.name", hasItems("queue", "libvirt", "Database connections health check"));
        given().get("/q/health/live").then().statusCode(200);
    }

    @Test
    void metricsCountWithoutNames() {
        portal.make();
        String tenant = portal.tenant(2);
        as(tenant + "-user")
                .body(ask("counted"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201);
        String metrics =
                given().get("/q/metrics").then().statusCode(200).extract().asString();
        assertThat(metrics)
                .contains("berth_requests_total{outcome=\"created\"}")
                .contains("berth_requests_total{outcome=\"approved_by_policy\"}")
                .contains("berth_queue_oldest_seconds")
                .contains("uri=\"/api/v1/tenants/{tenant}/requests\"")
                .doesNotContain("uri=\"/api/v1/tenants/" + tenant);
    }
}
