package dev.berth.testing;

import static io.restassured.RestAssured.given;

import dev.berth.testing.Routes.Route;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/** Somebody at the doors: a person with a cookie for pages and a password for the API, a token, or nobody. */
public final class Knock {
    private static final int LONGEST = 4_000;

    /** What came back, with the word for the next page; of an event stream its beginning is enough. */
    public record Answer(int status, String location, String flash, String body) {}

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final URI base;
    private final String username;
    private final String cookie;
    private final String authorization;

    private Knock(URI base, String username, String cookie, String authorization) {
        this.base = base;
        this.username = username;
        this.cookie = cookie;
        this.authorization = authorization;
    }

    public static Knock nobody(URI base) {
        return new Knock(base, "", "", "");
    }

    public static Knock person(URI base, String username) {
        String session = given().redirects()
                .follow(false)
                .formParam("username", username)
                .formParam("password", Portal.PASSWORD)
                .post("/login")
                .cookie("berth-session");
        String basic =
                Base64.getEncoder().encodeToString((username + ":" + Portal.PASSWORD).getBytes(StandardCharsets.UTF_8));
        return new Knock(base, username, "berth-session=" + session, "Basic " + basic);
    }

    /** A program with a token, which it shows at every door. */
    public static Knock program(URI base, String token) {
        return new Knock(base, "", "", "Bearer " + token);
    }

    /** The same person, signed in anew. */
    public Knock again() {
        return username.isEmpty() ? this : person(base, username);
    }

    /** @param body null for an empty one */
    public Answer call(Route route, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofMinutes(1));
        if (!authorization.isEmpty() && (route.api() || cookie.isEmpty())) {
            request.header("Authorization", authorization);
        } else if (!cookie.isEmpty()) {
            request.header("Cookie", cookie);
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        if (route.safe() || route.method().equals("DELETE")) {
            request.method(route.method(), HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("Content-Type", route.bodyType())
                    .method(
                            route.method(),
                            HttpRequest.BodyPublishers.ofString(
                                    body != null ? body : route.bodyType().endsWith("json") ? "{}" : ""));
        }
        try {
            HttpResponse<InputStream> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            boolean stream = answer.headers()
                    .firstValue("Content-Type")
                    .filter(type -> type.startsWith("text/event-stream"))
                    .isPresent();
            try (InputStream in = answer.body()) {
                byte[] read = stream ? new byte[0] : in.readAllBytes();
                return new Answer(
                        answer.statusCode(),
                        answer.headers().firstValue("Location").orElse(""),
                        answer.headers().allValues("Set-Cookie").stream()
                                .filter(cookie -> cookie.startsWith("berth_flash="))
                                .findFirst()
                                .orElse(""),
                        new String(read, 0, Math.min(read.length, LONGEST), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            return new Answer(0, "", "", List.of(route, e).toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
