package dev.berth.security;

import static dev.berth.testing.Portal.as;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.http.Method;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who gets in where, and what no other site can do. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class DoorsTest {
    @Inject
    Router router;

    @Inject
    Portal portal;

    private static RequestSpecification browser() {
        return given().redirects().follow(false);
    }

    private static Response signIn(String password) {
        return browser()
                .formParam("username", "alice")
                .formParam("password", password)
                .post("/login");
    }

    @Test
    void theFormOpensPagesAndNothingElse() {
        Response signedIn = signIn(Portal.PASSWORD);
        assertThat(signedIn.statusCode()).isEqualTo(302);
        assertThat(signedIn.header("Location")).endsWith("/");
        String cookie = signedIn.header("Set-Cookie");
        assertThat(cookie)
                .startsWith("berth-session=")
                .containsIgnoringCase("HttpOnly")
                .contains("SameSite=Lax");
        String session = signedIn.cookie("berth-session");
        assertThat(browser()
                        .cookie("berth-session", session)
                        .get("/nothing-here")
                        .statusCode())
                .isEqualTo(404);
        browser().cookie("berth-session", session).get("/api/v1/me").then().statusCode(401);
        browser()
                .cookie("berth-session", session)
                .post("/logout")
                .then()
                .statusCode(303)
                .header("Location", containsString("/login"))
                .header("Set-Cookie", containsString("Max-Age=0"));
    }

    /** Something that serves them is put there, and no rule: whoever asks, it is never reached. */
    @Test
    void whatNoRuleSpeaksOfIsNotThere() {
        portal.make();
        // After the gate and before all that serves something. A router finds a route again by its order alone.
        AtomicInteger order = new AtomicInteger(-10);
        List<Route> served = Stream.of("/no-rule/here", "/api/no-rule", "/css/reached")
                .map(path -> router.route(path).order(order.incrementAndGet()).handler(context -> context.response()
                        .end("reached")))
                .toList();
        try {
            String session = signIn(Portal.PASSWORD).cookie("berth-session");
            String token = portal.token("admin", Set.of(Scope.values()), null);
            browser().get("/css/reached").then().body(equalTo("reached"));
            for (Method method : List.of(Method.GET, Method.POST, Method.PUT)) {
                browser()
                        .cookie("berth-session", session)
                        .request(method, "/no-rule/here")
                        .then()
                        .statusCode(404)
                        .body(containsString("There is nothing at this address."));
                for (RequestSpecification program :
                        List.of(as("admin"), given().auth().oauth2(token))) {
                    program.request(method, "/api/no-rule")
                            .then()
                            .statusCode(404)
                            .body("code", equalTo("not-found"));
                }
                browser().request(method, "/api/no-rule").then().statusCode(401).body(not(containsString("reached")));
            }
            browser().get("/no-rule/here").then().statusCode(302);
        } finally {
            served.forEach(Route::remove);
            assertThat(router.getRoutes()).doesNotContainAnyElementsOf(served);
        }
    }

    @Test
    void basicOpensTheApiAndNothingElse() {
        as("alice").get("/api/v1/me").then().statusCode(200).body("username", equalTo("alice"));
        given().auth()
                .preemptive()
                .basic("alice", Portal.PASSWORD)
                .redirects()
                .follow(false)
                .get("/nothing-here")
                .then()
                .statusCode(302)
                .header("Location", containsString("/login"));
    }

    @Test
    void withoutALogin() {
        for (String page :
                List.of("/", "/t/blue", "/admin/hosts", "/q/dev", "/internal", "//api/v1/me", "/x/../t/blue")) {
            browser().get(page).then().statusCode(org.hamcrest.Matchers.in(List.of(302, 401, 404)));
        }
        browser().get("/t/blue").then().statusCode(302).header("Location", containsString("/login"));
        browser().get("/api/v1/me").then().statusCode(401).header("WWW-Authenticate", startsWith("Basic"));
        browser().get("/q/health/live").then().statusCode(200);
        browser().get("/q/health/ready").then().statusCode(200);
        browser().get("/q/metrics").then().statusCode(200);
        browser().get("/vendor/nothing.css").then().statusCode(404);
    }

    @Test
    void wrongPasswordsLeadBackToTheForm() {
        Response refused = signIn("wrong");
        assertThat(refused.statusCode()).as(refused.headers().toString()).isEqualTo(302);
        assertThat(refused.header("Location")).contains("/login?error");
        assertThat(refused.cookie("berth-session")).isNull();
    }

    @Test
    void aForgedCookieIsNoLogin() {
        browser().cookie("berth-session", "AAAA").get("/t/blue").then().statusCode(302);
    }

    @Test
    void otherSitesAreRefused() {
        String own = "http://localhost:" + RestAssured.port;
        for (List<String> header : List.of(
                List.of("Sec-Fetch-Site", "cross-site"),
                List.of("Sec-Fetch-Site", "same-site"),
                List.of("Origin", "https://evil.example"),
                List.of("Origin", "null"),
                List.of("Origin", own + ".evil.example"),
                List.of("Origin", "http://evil.example@localhost:" + RestAssured.port),
                List.of("Origin", "http://localhost:1"))) {
            as("alice")
                    .header(header.get(0), header.get(1))
                    .post("/api/v1/ssh-keys")
                    .then()
                    .statusCode(403)
                    .body("code", equalTo("cross-site"));
            browser().header(header.get(0), header.get(1)).post("/login").then().statusCode(403);
            // Reading is safe: a link from elsewhere works.
            as("alice")
                    .header(header.get(0), header.get(1))
                    .get("/api/v1/me")
                    .then()
                    .statusCode(200);
        }
        for (List<String> header : List.of(
                List.of("Sec-Fetch-Site", "same-origin"), List.of("Sec-Fetch-Site", "none"), List.of("Origin", own))) {
            as("alice")
                    .header(header.get(0), header.get(1))
                    .body("{}")
                    .post("/api/v1/ssh-keys")
                    .then()
                    .statusCode(400);
        }
    }

    @Test
    void everyAnswerTellsTheBrowserToBeStrict() {
        for (String path : List.of("/login", "/api/v1/me", "/nothing", "/q/health/live", "/vendor/nothing.js")) {
            browser()
                    .get(path)
                    .then()
                    .header("Content-Security-Policy", containsString("script-src 'self'"))
                    .header("Content-Security-Policy", containsString("frame-ancestors 'none'"))
                    .header("X-Content-Type-Options", "nosniff")
                    .header("Referrer-Policy", "same-origin")
                    .header("Cross-Origin-Opener-Policy", "same-origin");
        }
    }
}
