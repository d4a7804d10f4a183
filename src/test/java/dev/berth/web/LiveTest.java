package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.largeAsk;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Open pages hear of their own tenant's changes and of nobody else's. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class LiveTest {
    private final HttpClient client = HttpClient.newHttpClient();

    @Inject
    Portal portal;

    @Test
    void aPageHearsOfItsTenantOnly() throws Exception {
        portal.make();
        Queue<String> blue = listen(Browser.of("bob"), "/t/blue/live");
        Queue<String> green = listen(Browser.of("carol"), "/t/green/live");
        Queue<String> admins = listen(Browser.of("admin"), "/live");
        String id = as("alice")
                .body(largeAsk("heard"))
                .post("/api/v1/tenants/blue/requests")
                .path("id");
        await().atMost(Duration.ofSeconds(20)).until(() -> blue.contains("data:request-" + id));
        await().atMost(Duration.ofSeconds(20)).until(() -> admins.contains("data:inbox"));
        assertThat(green).noneMatch(line -> line.contains(id));
        assertThat(green).doesNotContain("data:inbox");
    }

    /** At once with the login; soon after the person left the tenant; and there are only so many. */
    @Test
    void aStreamEndsWithTheLoginAndWithTheRight() throws Exception {
        portal.make();
        Browser leaving = Browser.of("bob");
        Queue<String> leavings = listen(leaving, "/t/blue/live");
        Queue<String> staying = listen(Browser.of("bob"), "/t/blue/live");
        given().header("Cookie", leaving.cookie())
                .redirects()
                .follow(false)
                .post("/logout")
                .then()
                .statusCode(303);
        await().atMost(Duration.ofMinutes(2)).until(() -> leavings.contains("over"));
        assertThat(staying).doesNotContain("over");
        as("admin").body(Map.of("username", "carol", "role", "MEMBER")).post("/api/v1/tenants/blue/members");
        Browser carol = Browser.of("carol");
        Queue<String> carols = listen(carol, "/t/blue/live");
        Queue<String> elsewhere = listen(carol, "/t/green/live");
        as("admin").delete("/api/v1/tenants/blue/members/carol").then().statusCode(204);
        await().atMost(Duration.ofMinutes(2)).until(() -> carols.contains("over"));
        assertThat(elsewhere).doesNotContain("over");
    }

    @Test
    void onePersonsStreamsAreBounded() throws Exception {
        portal.make();
        Browser alice = Browser.of("alice");
        List<HttpResponse<Stream<String>>> streams = new ArrayList<>();
        try {
            do {
                streams.add(open(alice, "/live"));
            } while (streams.size() < 31 && streams.get(streams.size() - 1).statusCode() == 200);
            // 30, or fewer where an earlier test's have not ended yet.
            assertThat(streams.get(streams.size() - 1).statusCode()).isEqualTo(429);
            HttpResponse<Stream<String>> other = open(Browser.of("bob"), "/live");
            streams.add(other);
            assertThat(other.statusCode()).as("others go on").isEqualTo(200);
        } finally {
            streams.forEach(stream -> stream.body().close());
        }
    }

    private HttpResponse<Stream<String>> open(Browser browser, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + path))
                .header("Cookie", browser.cookie())
                .header("Accept", "text/event-stream")
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofLines());
    }

    private Queue<String> listen(Browser browser, String path) throws IOException, InterruptedException {
        HttpResponse<Stream<String>> response = open(browser, path);
        assertThat(response.statusCode()).isEqualTo(200);
        Queue<String> lines = new ConcurrentLinkedQueue<>();
        Thread reader = new Thread(
                () -> {
                    try {
                        response.body().forEach(lines::add);
                        lines.add("over");
                    } catch (RuntimeException e) {
                        lines.add("closed: " + e.getMessage());
                    }
                },
                "listen" + path);
        reader.setDaemon(true);
        reader.start();
        return lines;
    }
}
