package dev.berth.console;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import dev.berth.machines.MachineStatus;
import dev.berth.machines.Task;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a guest makes its QEMU say reaches people as text: on the machine's page, its timeline and in the API. */
@QuarkusTest
@TestProfile(ConsoleProfile.class)
class GuestWordsTest {
    private static final String SAID = "\u001b]0;owned\u0007\u001b[2J\0<script>alert(1)</script>\r\nroot@berth:~# ";
    private static final String SHOWN =
            "\u241b]0;owned\u2407\u241b[2J\u2400<script>alert(1)</script>\u240d\nroot@berth:~# ";

    @Inject
    ConsoleFixture fixture;

    @Inject
    MachineStatus status;

    @Test
    void neitherScriptNorEscapeCodesWork() {
        UUID machine = fixture.machine(ConsoleFixture.NEAR);
        Task task = status.task(machine).orElseThrow();
        status.stepStarted(task, "Start");
        status.stepProgress(task, "Start", SAID);
        status.failed(task, "Start", "hypervisor", SAID);
        String page = given().header("Cookie", fixture.signIn("alice"))
                .get("/t/blue/machines/" + machine)
                .asString();
        assertThat(page)
                .contains("\u241b[2J\u2400&lt;script&gt;alert(1)&lt;/script&gt;\u240d\nroot@berth")
                .doesNotContain("<script>alert", "\u001b", "\0", "\u0007");
        given().auth()
                .preemptive()
                .basic("alice", ConsoleFixture.PASSWORD)
                .get("/api/v1/machines/" + machine)
                .then()
                .statusCode(200)
                .body("failure", equalTo(SHOWN));
    }
}
