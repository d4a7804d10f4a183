package dev.berth.security;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.berth.testing.PostgresResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A process that is only a worker: no pages, no API, and honest about a host that it can't reach. */
@QuarkusTest
@TestProfile(WorkerOnlyTest.Profile.class)
@QuarkusTestResource(PostgresResource.class)
class WorkerOnlyTest {
    /** Its only host is not there. */
    public static class Profile implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "berth.roles", "worker",
                    "berth.worker.directory", System.getProperty("java.io.tmpdir") + "/berth-worker-only-test",
                    "berth.worker.hosts.nowhere.uri", "qemu+tcp://127.0.0.1:1/system");
        }
    }

    @Test
    void hasNoPagesAndNoApi() {
        given().get("/login").then().statusCode(404).body(containsString("worker"));
        given().get("/api/v1/me").then().statusCode(404).body("code", equalTo("not-found"));
        given().post("/logout").then().statusCode(404);
    }

    @Test
    void saysThatItsHostIsAway() {
        given().get("/q/health/live").then().statusCode(200);
        given().get("/q/health/ready")
                .then()
                .statusCode(503)
                .body("checks.find { it.name == 'libvirt' }.status", equalTo("DOWN"));
        given().get("/q/metrics")
                .then()
                .statusCode(200)
                .body(anyOf(
                        containsString("berth_host_up{host=\"nowhere\"} 0"),
                        containsString("berth_host_up{host=\"nowhere\",} 0")));
    }
}
