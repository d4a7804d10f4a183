package dev.berth.catalog;

import static dev.berth.testing.Portal.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Images come from other hosts by their digests; what is cancelled, cut off, wrong or left by the dead leaves nothing. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class ImageImportsTest {
    private static final byte[] DISK = new byte[3 << 20];

    @Inject
    Portal portal;

    @Inject
    Images images;

    @Inject
    DataSource dataSource;

    private ImageServer server;

    @BeforeEach
    void start() throws IOException {
        portal.make();
        server = new ImageServer().file("/disk.raw", DISK);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static String hex(String algorithm) {
        return HexFormat.of().formatHex(ImageFetch.digest(algorithm).digest(DISK));
    }

    private Map<String, Object> wish(String name, String path) {
        return new HashMap<>(Map.of("name", name, "url", server.url(path), "format", "raw"));
    }

    private static String begin(Map<String, Object> wish) {
        return as("admin")
                .body(wish)
                .post("/api/v1/images/import-url")
                .then()
                .statusCode(202)
                .extract()
                .path("id");
    }

    private static String ends(String id) {
        return await().atMost(Duration.ofMinutes(2))
                .until(
                        () -> as("admin").get("/api/v1/image-imports/" + id).path("state"),
                        state -> !state.equals("WAITING") && !state.equals("FETCHING") && !state.equals("CHECKING"));
    }

    private Path parts() throws IOException {
        return Files.createDirectories(images.uploadDirectory().resolve("imports"));
    }

    private void leavesNothing(String id, String name) throws IOException {
        await().atMost(Duration.ofMinutes(1)).untilAsserted(() -> {
            try (var files = Files.list(parts())) {
                assertThat(files.filter(file -> file.getFileName().toString().startsWith(id)))
                        .isEmpty();
            }
        });
        assertThat(images.uploadDirectory().resolveSibling(id + ".raw")).doesNotExist();
        as("admin").get("/api/v1/images?limit=200").then().body("items.name", not(hasItem(name)));
    }

    @Test
    void anImageComesByItsDigestOrByTheListThatHasIt() {
        server.file("/SHA512SUMS", (hex("SHA-512") + "  disk.raw\n").getBytes(StandardCharsets.US_ASCII));
        Map<String, Object> byHand = wish("fetched", "/disk.raw?secret=word");
        byHand.put("digest", hex("SHA-256"));
        String id = begin(byHand);
        assertThat(ends(id)).isEqualTo("DONE");
        as("admin")
                .get("/api/v1/images/fetched")
                .then()
                .body("id", equalTo(id))
                .body("state", equalTo("READY"))
                .body("createdBy", equalTo("admin"))
                .body("sha256", equalTo(hex("SHA-256")));
        as("admin")
                .get("/api/v1/image-imports/" + id)
                .then()
                .body("url", equalTo(server.url("/disk.raw")))
                .body("doneBytes", equalTo(DISK.length));
        assertThat(as("admin").get("/api/v1/audit?limit=50").asString())
                .contains("image.fetch")
                .doesNotContain("secret=word");

        Map<String, Object> byList = wish("fetched-by-list", "/disk.raw");
        byList.put("digestUrl", server.url("/SHA512SUMS"));
        assertThat(ends(begin(byList))).isEqualTo("DONE");
    }

    @Test
    void aFileThatIsAnotherOrNoImageIsThrownAway() throws IOException {
        server.file("/packed.raw", new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0})
                .file("/SHA256SUMS", (hex("SHA-256") + "  other.raw\n").getBytes(StandardCharsets.US_ASCII));
        Map<String, Object> other = wish("other", "/disk.raw");
        other.put("digest", "0".repeat(64));
        String id = begin(other);
        assertThat(ends(id)).isEqualTo("FAILED");
        as("admin")
                .get("/api/v1/image-imports/" + id)
                .then()
                .body("failure", containsString("not the one that was meant"));
        leavesNothing(id, "other");

        Map<String, Object> packed = wish("packed", "/packed.raw");
        packed.put(
                "digest", HexFormat.of().formatHex(ImageFetch.digest("SHA-256").digest(new byte[] {
                    0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0
                })));
        String packedId = begin(packed);
        assertThat(ends(packedId)).isEqualTo("FAILED");
        as("admin").get("/api/v1/image-imports/" + packedId).then().body("failure", containsString("packed (gzip)"));
        leavesNothing(packedId, "packed");

        Map<String, Object> unlisted = wish("unlisted", "/disk.raw");
        unlisted.put("digestUrl", server.url("/SHA256SUMS"));
        assertThat(ends(begin(unlisted))).isEqualTo("FAILED");
    }

    @Test
    void onlyAdminsAskAndOnlyForWhatIsAllowed() {
        Map<String, Object> bare = wish("bare", "/disk.raw");
        as("admin")
                .body(bare)
                .post("/api/v1/images/import-url")
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("digest"));
        bare.put("digest", "0".repeat(64));
        as("alice").body(bare).post("/api/v1/images/import-url").then().statusCode(403);
        as("alice").get("/api/v1/image-imports").then().statusCode(403);
        bare.put("url", "http://169.254.169.254/latest/meta-data/");
        as("admin")
                .body(bare)
                .post("/api/v1/images/import-url")
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("url"));
        bare.put("url", server.url("/disk.raw.xz"));
        as("admin").body(bare).post("/api/v1/images/import-url").then().statusCode(400);
        assertThat(server.asked()).isEmpty();
    }

    @Test
    void oneThatIsCancelledStopsAndLeavesNothing() throws IOException {
        CountDownLatch over = new CountDownLatch(1);
        server.on("/endless.raw", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try {
                while (!over.await(20, TimeUnit.MILLISECONDS)) {
                    exchange.getResponseBody().write(DISK, 0, 1 << 16);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Map<String, Object> endless = wish("endless", "/endless.raw");
        endless.put("digest", "0".repeat(64));
        try {
            String id = begin(endless);
            as("admin").body(endless).post("/api/v1/images/import-url").then().statusCode(409);
            await().atMost(Duration.ofMinutes(2))
                    .until(
                            () -> as("admin")
                                    .get("/api/v1/image-imports/" + id)
                                    .jsonPath()
                                    .getLong("doneBytes"),
                            done -> done > 0);
            as("alice").post("/api/v1/image-imports/" + id + "/cancel").then().statusCode(403);
            as("admin")
                    .post("/api/v1/image-imports/" + id + "/cancel")
                    .then()
                    .statusCode(200)
                    .body("state", equalTo("CANCELLED"));
            leavesNothing(id, "endless");
        } finally {
            over.countDown();
        }
    }

    /** As a process leaves it that dies while it fetches, or after the image was renamed and before its row says so. */
    @Test
    void whatTheDeadBeganIsDoneAnew() throws Exception {
        for (String state : new String[] {"FETCHING", "CHECKING"}) {
            String name = "orphan-" + state.toLowerCase(Locale.ROOT);
            UUID id = UUID.randomUUID();
            Path half = Files.write(parts().resolve(id + ".1"), new byte[1_000]);
            if (state.equals("CHECKING")) {
                Files.write(images.uploadDirectory().resolveSibling(id + ".raw"), new byte[10]);
                run(
                        "insert into image (id, name, description, format, state, virtual_size_bytes, file_size_bytes, sha256,"
                                + " created_by, created_at) values (?::uuid, ?, '', 'raw', 'IMPORTING', 0, 0, '', 'admin', now())",
                        id.toString(),
                        name);
            }
            run(
                    "insert into image_import (id, name, description, format, url, digest, digest_url, signature_url, state,"
                            + " attempts, due_at, claimed_until, requested_by, requester_id, requested_at)"
                            + " values (?::uuid, ?, '', 'raw', ?, ?, '', '', ?, 1, now(), now() - interval '1 s', 'admin',"
                            + " gen_random_uuid(), now())",
                    id.toString(),
                    name,
                    server.url("/disk.raw"),
                    hex("SHA-256"),
                    state);
            assertThat(ends(id.toString())).isEqualTo("DONE");
            as("admin")
                    .get("/api/v1/images/" + name)
                    .then()
                    .body("state", equalTo("READY"))
                    .body("fileSizeBytes", equalTo(DISK.length));
            await().atMost(Duration.ofMinutes(1)).until(() -> !Files.exists(half));
        }
    }

    /** An upload's row, whose process was killed while it copied. */
    @Test
    void whatNobodyGoesOnWithIsForgotten() throws Exception {
        UUID id = UUID.randomUUID();
        Path part = Files.write(images.uploadDirectory().resolveSibling(id + ".raw.part"), new byte[10]);
        run(
                "insert into image (id, name, description, format, state, virtual_size_bytes, file_size_bytes, sha256,"
                        + " created_by, created_at) values (?::uuid, 'abandoned', '', 'raw', 'IMPORTING', 0, 0, '', 'admin',"
                        + " now() - interval '400 days')",
                id.toString());
        images.forgetAbandoned();
        as("admin").get("/api/v1/images/abandoned").then().statusCode(404);
        assertThat(part).doesNotExist();
    }

    private void run(String sql, String... values) throws SQLException {
        try (var connection = dataSource.getConnection();
                var statement = connection.prepareStatement(sql)) {
            for (int at = 0; at < values.length; at++) {
                statement.setString(at + 1, values[at]);
            }
            statement.executeUpdate();
        }
    }
}
