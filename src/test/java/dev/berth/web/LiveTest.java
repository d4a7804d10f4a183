package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.largeAsk;
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

    private Queue<String> listen(Browser browser, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + path))
                .header("Cookie", browser.cookie())
                .header("Accept", "text/event-stream")
                .build();
        HttpResponse<Stream<String>> response = client.send(request, HttpResponse.BodyHandlers.ofLines());
        assertThat(response.statusCode()).isEqualTo(200);
        Queue<String> lines = new ConcurrentLinkedQueue<>();
        Thread reader = new Thread(
                () -> {
                    try {
                        response.body().forEach(lines::add);
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
