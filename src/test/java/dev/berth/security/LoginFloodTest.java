package dev.berth.security;

import static dev.berth.testing.Portal.as;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Parallel;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Many passwords at once: most are not looked at, and who is in stays in. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class LoginFloodTest {
    private static final int PER_USER = 10;
    private static final int SECONDS_FOR_ONE = 6;

    @Inject
    Portal portal;

    @Test
    void wrongPasswordsAreRefusedUnseenAfterSomeOfThem() {
        portal.make();
        String user = portal.tenant(1) + "-user";
        as(user).get("/api/v1/me").then().statusCode(200);

        long begin = System.nanoTime();
        List<Response> answers = Parallel.run(60, i -> as(user, "wrong-" + i).get("/api/v1/me"));
        long seconds = (System.nanoTime() - begin) / 1_000_000_000;
        long looked =
                answers.stream().filter(answer -> answer.statusCode() == 401).count();
        assertThat(looked).isBetween((long) PER_USER, PER_USER + seconds / SECONDS_FOR_ONE + 1);
        List<Response> refused =
                answers.stream().filter(answer -> answer.statusCode() != 401).toList();
        assertThat(refused).isNotEmpty().allSatisfy(answer -> {
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.jsonPath().getString("code")).isEqualTo("too-many-attempts");
            assertThat(Integer.parseInt(answer.header("Retry-After"))).isBetween(1, SECONDS_FOR_ONE);
        });

        // The program that was in goes on; a form for the same name is told to wait.
        as(user).get("/api/v1/me").then().statusCode(200);
        Response form = given().redirects()
                .follow(false)
                .formParam("username", user)
                .formParam("password", "also wrong")
                .post("/login");
        while (form.header("Location").endsWith("error=1")) {
            // A try has come back meanwhile.
            form = given().redirects()
                    .follow(false)
                    .formParam("username", user)
                    .formParam("password", "also wrong")
                    .post("/login");
        }
        assertThat(form.statusCode()).isEqualTo(302);
        assertThat(form.header("Location")).endsWith("/login?error=wait");
        assertThat(given().get("/login?error=wait").asString()).contains("Wait a minute, then try again.");
        // Nobody else is kept out.
        as("carol").get("/api/v1/me").then().statusCode(200);
    }

    @Test
    void aRightPasswordThatComesManyTimesAtOnceIsLetIn() {
        portal.make();
        String user = portal.tenant(1) + "-user";
        assertThat(Parallel.run(60, i -> as(user).get("/api/v1/me").statusCode()))
                .containsOnly(200);
    }
}
