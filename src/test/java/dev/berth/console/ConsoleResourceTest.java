package dev.berth.console;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
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
    void tellsWhoIsConnected() {
        UUID machine = fixture.machine(ConsoleFixture.NEAR);
        fixture.user("carol", "green");
        fixture.open(1, machine, "alice", 0);
        String cookie = fixture.signIn("alice");
        String console = "/t/blue/machines/" + machine + "/console";
        for (String path : List.of("/live?hidden=1", "/people")) {
            given().header("Cookie", cookie)
                    .get(console + path)
                    .then()
                    .statusCode(200)
                    .body(containsString("alice"))
                    .body(not(containsString("10.9.9.9")));
            given().header("Cookie", fixture.signIn("carol"))
                    .get(console + path)
                    .then()
                    .statusCode(404);
        }
        as("alice")
                .post("/api/v1/machines/" + machine + "/console?mode=nonsense")
                .then()
                .statusCode(400)
                .body("errors[0].detail", equalTo("Choose control, view or take-over."));
        fixture.closeAll(machine);
    }

    /** An auditor reads what there is; a screen is there to be typed at. */
    @Test
    void auditorsSeeNoScreens() {
        UUID machine = fixture.machine(ConsoleFixture.NEAR);
        fixture.auditor("olga");
        String console = "/t/blue/machines/" + machine + "/console";
        String cookie = fixture.signIn("olga");
        given().header("Cookie", cookie).get(console).then().statusCode(403);
        given().header("Cookie", cookie).get(console + "/live?hidden=1").then().statusCode(403);
        given().header("Cookie", cookie).get(console + "/people").then().statusCode(200);
        given().header("Cookie", cookie).post(console + "/ticket").then().statusCode(404);
        as("olga").post("/api/v1/machines/" + machine + "/console").then().statusCode(404);
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
