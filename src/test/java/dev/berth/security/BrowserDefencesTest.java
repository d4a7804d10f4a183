package dev.berth.security;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import dev.berth.web.Browser;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.vertx.core.MultiMap;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What browsers are told with every answer, whatever it is. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class BrowserDefencesTest {
    @Inject
    Portal portal;

    @Test
    void everyAnswerDefendsItself() {
        portal.make();
        Browser alice = Browser.of("alice");
        String machine = "/t/blue/machines/11111111-2222-3333-4444-555555555555";
        for (Response answer : List.of(
                alice.get("/t/blue/machines"),
                alice.get("/login"),
                alice.get("/css/berth.css"),
                alice.get("/webjars/htmx.org/2.0.8/dist/htmx.min.js"),
                alice.get(machine),
                alice.get("/admin/users"),
                given().redirects().follow(false).get("/account"),
                given().get("/api/v1/me"),
                given().get("/api/v1/no-such"),
                Portal.as("alice").get("/api/v1/me"),
                Portal.as("alice").get("/api/v1/users"))) {
            String policy = answer.header("Content-Security-Policy");
            assertThat(policy)
                    .contains("default-src 'self'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'")
                    .doesNotContain("unsafe-inline", "unsafe-eval", "*", "http:", "https:");
            assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(answer.header("Referrer-Policy")).isEqualTo("same-origin");
            assertThat(answer.header("X-Frame-Options")).isEqualTo("DENY");
            assertThat(answer.header("Server")).isNull();
            assertThat(answer.header("X-Powered-By")).isNull();
            assertThat(answer.header("Access-Control-Allow-Origin")).isNull();
        }
    }

    /** A page of its own, framed as the person's other pages are; and problem details for a program. */
    @Test
    void whoIsTurnedAwayReadsWhy() {
        portal.make();
        Response page = Browser.of("alice").get("/admin/users");
        assertThat(page.statusCode()).isEqualTo(403);
        assertThat(page.contentType()).startsWith("text/html");
        assertThat(page.header("Cache-Control")).isEqualTo("no-store");
        assertThat(page.asString())
                .contains("Not allowed", "Only an admin or an auditor may see this.", "id=\"user-menu\"", "/t/blue");
        Portal.as("alice")
                .get("/api/v1/users")
                .then()
                .statusCode(403)
                .contentType("application/problem+json")
                .body("code", org.hamcrest.Matchers.equalTo("forbidden"));
        assertThat(Browser.of("alice").post("/admin/users", Map.of()).asString())
                .contains("Only an admin may do this.", "<h1>");
    }

    @Test
    void cookiesAreForThisSiteAndNoScript() {
        Response login = given().redirects()
                .follow(false)
                .formParam("username", "alice")
                .formParam("password", Portal.PASSWORD)
                .post("/login");
        Response page = Browser.of("alice").get("/t/blue/machines");
        for (Response answer : List.of(login, page)) {
            assertThat(answer.headers().getValues("Set-Cookie"))
                    .filteredOn(cookie -> !cookie.startsWith("quarkus-redirect-location"))
                    .isNotEmpty()
                    .allMatch(
                            cookie -> cookie.toLowerCase(Locale.ROOT).contains("httponly")
                                    && cookie.contains("SameSite=Lax"),
                            "closed");
        }
    }

    @Test
    void behindTlsNothingGoesWithoutIt() {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        SecurityHeaders.put(headers, false, true);
        assertThat(headers.get("Strict-Transport-Security")).isEqualTo("max-age=31536000");
        headers.add("Set-Cookie", "a=b; Path=/");
        SecurityHeaders.secureCookies(headers);
        assertThat(Set.copyOf(headers.getAll("Set-Cookie"))).containsExactly("a=b; Path=/; Secure");
    }
}
