package dev.berth.api;

import static dev.berth.testing.Portal.as;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import dev.berth.common.Problem;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.UUID;
import org.hibernate.exception.ConstraintViolationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every way to fail has one shape: problem details (RFC 9457) that say what to do and give nothing away. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class ProblemsTest {
    @Inject
    Portal portal;

    @BeforeEach
    void make() {
        portal.make();
    }

    private static void problem(Response response, int status, String code) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.contentType()).startsWith("application/problem+json");
        assertThat(response.<String>path("code")).isEqualTo(code);
        assertThat(response.<String>path("type")).isEqualTo("/problems/" + code);
        assertThat(response.<Integer>path("status")).isEqualTo(status);
        assertThat(response.<String>path("title")).isNotBlank();
        assertThat(response.<String>path("detail")).endsWith(".");
        assertThat(response.<Object>path("errors")).isNotNull();
        assertThat(response.asString()).doesNotContain("Exception", "dev.berth", "org.", "java.", "select ", "insert ");
    }

    @Test
    void nothingThere() {
        problem(as("admin").get("/api/v1/nothing"), 404, "not-found");
        problem(as("admin").get("/api"), 404, "not-found");
        problem(as("admin").get("/api/v1/machines/" + UUID.randomUUID()), 404, "not-found");
        problem(as("admin").get("/api/v1/machines/not-a-uuid"), 404, "not-found");
        problem(as("admin").get("/api/v1/templates/linux/revisions/x"), 404, "not-found");
        problem(as("admin").get("/api/v1/templates/linux/revisions/9"), 404, "not-found");
    }

    @Test
    void wrongMethodOrType() {
        problem(as("admin").delete("/api/v1/sizes"), 405, "method-not-allowed");
        problem(
                given().auth()
                        .preemptive()
                        .basic("admin", "berth")
                        .contentType("text/plain")
                        .body("x")
                        .post("/api/v1/sizes"),
                415,
                "unsupported-media-type");
        problem(as("admin").accept("image/png").get("/api/v1/sizes"), 406, "not-acceptable");
    }

    @Test
    void malformedBodies() {
        for (String body : new String[] {"{", "{\"a\":}", "{} {}", "{\"slug\":\"a\",\"slug\":\"b\"}"}) {
            Response response = as("admin").body(body).post("/api/v1/sizes");
            assertThat(response.statusCode()).as(body).isEqualTo(400);
            assertThat(response.contentType()).as(body).startsWith("application/problem+json");
        }
        problem(as("admin").body("{").post("/api/v1/sizes"), 400, "malformed-json");
        problem(as("admin").body("[]").post("/api/v1/sizes"), 400, "invalid");
        problem(as("admin").body("null").post("/api/v1/sizes"), 400, "invalid");
        problem(as("admin").post("/api/v1/sizes"), 400, "invalid");
    }

    @Test
    void tooLarge() {
        problem(as("admin").body("\"" + "x".repeat(300_000) + "\"").post("/api/v1/sizes"), 413, "too-large");
    }

    @Test
    void notSignedIn() {
        Response response = given().get("/api/v1/me");
        problem(response, 401, "unauthorized");
        assertThat(response.header("WWW-Authenticate")).startsWith("Basic realm=");
        problem(given().auth().preemptive().basic("admin", "wrong").get("/api/v1/me"), 401, "unauthorized");
        problem(given().auth().preemptive().basic("no\u0000body", "x").get("/api/v1/me"), 401, "unauthorized");
        problem(given().header("Authorization", "Basic %%%").get("/api/v1/me"), 401, "unauthorized");
        problem(given().get("/api/v1/nothing"), 401, "unauthorized");
    }

    @Test
    void taken() {
        String size = "{\"slug\":\"tiny\",\"name\":\"Tiny\",\"vcpus\":1,\"memoryMib\":128,\"diskGib\":1}";
        problem(as("admin").body(size).post("/api/v1/sizes"), 409, "taken");
    }

    /** Two who passed the look at the same moment: the unique index is the one to tell. */
    @Test
    void takenAtTheSameMoment() {
        var violation = new ConstraintViolationException(
                "could not execute statement",
                new java.sql.SQLException("duplicate key", "23505"),
                "insert into x",
                "x_key");
        var problem = Problem.of(new IllegalStateException(new RuntimeException(violation)));
        assertThat(problem.status()).isEqualTo(409);
        assertThat(problem.json()).doesNotContain("insert", "x_key");
    }

    @Test
    void theDatabaseIsAway() {
        for (String state : new String[] {"08006", "57P01", null}) {
            var failure = new java.sql.SQLException("Connection to db.internal refused", state);
            var problem = Problem.of(new IllegalStateException(failure));
            assertThat(problem.status()).isEqualTo(503);
            assertThat(problem.json()).doesNotContain("db.internal");
        }
    }

    @Test
    void anythingElse() {
        var problem = Problem.of(new IllegalStateException("secret at /var/lib/x"));
        assertThat(problem.status()).isEqualTo(500);
        assertThat(problem.json()).doesNotContain("secret", "/var").contains(problem.incident());
        assertThat(problem.detail()).contains(problem.incident());
    }

    @Test
    void manyFields() {
        as("admin")
                .body("{\"slug\":\"Ä\",\"name\":\"\",\"vcpus\":0,\"memoryMib\":1,\"diskGib\":0}")
                .post("/api/v1/sizes")
                .then()
                .statusCode(400)
                .body("errors.size()", equalTo(5));
    }
}
