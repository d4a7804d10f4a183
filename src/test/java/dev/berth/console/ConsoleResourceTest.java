package dev.berth.console;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console's way in for programs. */
@QuarkusTest
@TestProfile(ConsoleProfile.class)
class ConsoleResourceTest {
    @TestHTTPResource("/")
    URI portal;

    @Inject
    ConsoleFixture fixture;

    @Inject
    FakeScreens screens;

    @TempDir
    Path directory;

    @Test
    void givesATicketThatOpensTheConsole() throws Exception {
        UUID machine = fixture.machine(ConsoleFixture.NEAR);
        try (FakeVnc vnc = new FakeVnc(directory.resolve("vnc"), FakeVnc::echo)) {
            screens.show(machine, vnc.path());
            String url = as("alice")
                    .post("/api/v1/machines/" + machine + "/console")
                    .then()
                    .statusCode(201)
                    .body("ticket", matchesPattern("[A-Za-z0-9_-]{43}"))
                    .body("expiresAt", matchesPattern("20.*Z"))
                    .extract()
                    .path("url");
            try (ConsoleClient client = ConsoleClient.open(portal, url)) {
                client.send(new byte[] {42});
                assertThat(client.take(1)).containsExactly(42);
            }
        }
    }

    @Test
    void refusesWithASentence() {
        UUID machine = fixture.machine(ConsoleFixture.NEAR);
        fixture.user("carol", "green");
        String path = "/api/v1/machines/" + machine + "/console";
        given().post(path).then().statusCode(401);
        as("carol").post(path).then().statusCode(404).body("code", equalTo("not-found"));
        as("alice")
                .post("/api/v1/machines/" + UUID.randomUUID() + "/console")
                .then()
                .statusCode(404);
        as("alice").post("/api/v1/machines/nonsense/console").then().statusCode(404);
        fixture.seen(machine, "STOPPED", "STOPPED");
        as("alice")
                .post(path)
                .then()
                .statusCode(409)
                .body("code", equalTo("machine-off"))
                .body(
                        "detail",
                        equalTo("The machine is stopped, so it has no screen. Start it and open the console again."));
        as("alice").get(ConsoleGateway.PATH).then().statusCode(426);
    }

    private static RequestSpecification as(String user) {
        return given().auth().preemptive().basic(user, ConsoleFixture.PASSWORD);
    }
}
