package dev.berth.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.berth.testing.Api;
import dev.berth.testing.BerthProcess;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A process that is killed while it fetches images: whichever comes next fetches them anew, or says why it can't, and
 * nothing half is left in either case.
 */
@Tag("fault")
@Tag("long")
class ImportKilledIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final byte[] DISK = new byte[3 << 20];
    private static final Path DIRECTORY =
            Path.of("/var/tmp/berth-test-import-" + ProcessHandle.current().pid());

    @Test
    void importsEndWhereverTheProcessDies() throws IOException {
        CountDownLatch killed = new CountDownLatch(1);
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder().start();
                ImageServer server = new ImageServer()) {
            server.on("/here.raw", exchange -> send(exchange, killed, 200));
            server.on("/gone.raw", exchange -> send(exchange, killed, 404));
            BerthProcess dying = web(postgres, "import-dies").awaitReady();
            List<String> ids;
            try {
                Api admin = new Api(dying.url(), "admin");
                ids = List.of(begin(admin, server, "here"), begin(admin, server, "gone"));
                await().atMost(PATIENCE).until(() -> ids.stream().allMatch(id -> size(id + ".1") > 0));
            } finally {
                dying.kill();
                killed.countDown();
            }
            assertThat(ids).as("half of each is there").allMatch(id -> Files.exists(part(id + ".1")));
            try (BerthProcess next = web(postgres, "import-goes-on").awaitReady()) {
                Api admin = new Api(next.url(), "admin");
                await().atMost(PATIENCE).until(() -> state(admin, ids.get(0)).equals("DONE"));
                await().atMost(PATIENCE).until(() -> state(admin, ids.get(1)).equals("FAILED"));
                assertThat(admin.get("images/here").ok().get("state").asText()).isEqualTo("READY");
                assertThat(admin.get("images?limit=200").ok().get("items"))
                        .extracting(image -> image.get("name").asText())
                        .doesNotContain("gone");
                assertThat(Files.readAllBytes(DIRECTORY.resolve("images/" + ids.get(0) + ".raw")))
                        .isEqualTo(DISK);
                await().atMost(PATIENCE).untilAsserted(() -> {
                    try (var files = Files.walk(DIRECTORY)) {
                        assertThat(files.filter(Files::isRegularFile))
                                .containsExactly(DIRECTORY.resolve("images/" + ids.get(0) + ".raw"));
                    }
                });
            }
        } finally {
            try (var files = Files.walk(DIRECTORY)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    /** Half of it and no more until whoever asked is dead; then as the status says. */
    private static void send(HttpExchange exchange, CountDownLatch killed, int after) throws IOException {
        if (killed.getCount() == 0) {
            if (after == 200) {
                ImageServer.send(exchange, DISK);
            } else {
                exchange.sendResponseHeaders(after, -1);
            }
            return;
        }
        exchange.sendResponseHeaders(200, DISK.length);
        exchange.getResponseBody().write(DISK, 0, DISK.length / 2);
        exchange.getResponseBody().flush();
        try {
            killed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static BerthProcess web(EmbeddedPostgres postgres, String name) {
        return BerthProcess.start(
                name,
                Map.of(
                        "QUARKUS_DATASOURCE_JDBC_URL", postgres.getJdbcUrl("postgres", "postgres"),
                        "QUARKUS_DATASOURCE_USERNAME", "postgres",
                        "QUARKUS_DATASOURCE_PASSWORD", "postgres",
                        "BERTH_ROLES", "web",
                        "BERTH_DEMO", "true",
                        "BERTH_LIBRARY_DIRECTORY", DIRECTORY.resolve("images").toString(),
                        "BERTH_LIBRARY_URL_HOSTS", "127.0.0.1:*",
                        "BERTH_LIBRARY_URL_SCHEMES", "http,https",
                        "BERTH_LIBRARY_URL_NETWORKS", "127.0.0.0/8"));
    }

    private static String begin(Api admin, ImageServer server, String name) {
        return admin.post(
                        "images/import-url",
                        Map.of(
                                "name",
                                name,
                                "url",
                                server.url("/" + name + ".raw"),
                                "format",
                                "raw",
                                "digest",
                                HexFormat.of()
                                        .formatHex(ImageFetch.digest("SHA-256").digest(DISK))))
                .ok()
                .get("id")
                .asText();
    }

    private static String state(Api admin, String id) {
        return admin.get("image-imports/" + id).ok().get("state").asText();
    }

    private static Path part(String name) {
        return DIRECTORY.resolve("images/uploads/imports").resolve(name);
    }

    private static long size(String name) {
        return part(name).toFile().length();
    }
}
