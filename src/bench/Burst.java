import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Sends one request with each line of standard input as its body, all at once. Prints when, how long, and refusals. */
final class Burst {
    private Burst() {}

    /** @param arguments the URL to post to, and the user's name */
    public static void main(String[] arguments) throws Exception {
        List<String> bodies = new String(System.in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        String basic = Base64.getEncoder().encodeToString((arguments[1] + ":berth").getBytes(StandardCharsets.UTF_8));
        List<HttpRequest> requests = bodies.stream()
                .map(body -> HttpRequest.newBuilder(URI.create(arguments[0]))
                        .timeout(Duration.ofMinutes(2))
                        .header("Authorization", "Basic " + basic)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build())
                .toList();
        long begin = System.currentTimeMillis();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        requests.forEach(
                request -> answers.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString())));
        int refused = 0;
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            HttpResponse<String> response = answer.get();
            if (response.statusCode() != 201) {
                refused++;
                System.err.println(response.statusCode() + " " + response.body());
            }
        }
        System.out.println(begin + " " + (System.currentTimeMillis() - begin) + " " + refused);
    }
}
