package dev.berth.api;

import static dev.berth.testing.Portal.as;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import dev.berth.catalog.Images;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Images come in by upload and from the import directory; hostile ones don't, and leave nothing. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class ImagesTest {
    @Inject
    Portal portal;

    @Inject
    Images images;

    @BeforeEach
    void make() {
        portal.make();
    }

    private static void qemuImg(String... arguments) throws IOException, InterruptedException {
        var command = new java.util.ArrayList<>(java.util.List.of("qemu-img"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private static Path importable(String name) {
        return Portal.importDirectory().resolve(name);
    }

    @Test
    void importsAFileOfTheServer() throws Exception {
        Files.write(
                importable("good.raw"),
                "a disk".repeat(200_000).substring(0, 1 << 20).getBytes(StandardCharsets.US_ASCII));
        qemuImg(
                "convert",
                "-O",
                "qcow2",
                importable("good.raw").toString(),
                importable("good.qcow2").toString());
        as("admin")
                .body(Map.of("name", "good", "file", "good.qcow2", "format", "qcow2", "description", "A good one"))
                .post("/api/v1/images/import")
                .then()
                .statusCode(201)
                .body("name", equalTo("good"))
                .body("state", equalTo("READY"))
                .body("virtualSizeBytes", equalTo(1 << 20));
        as("alice").get("/api/v1/images/good").then().statusCode(200).body("format", equalTo("qcow2"));
        as("admin")
                .body(Map.of("name", "good", "file", "good.qcow2", "format", "qcow2"))
                .post("/api/v1/images/import")
                .then()
                .statusCode(409)
                .body("code", equalTo("taken"));
        as("admin").post("/api/v1/images/good/retire").then().statusCode(200).body("state", equalTo("RETIRED"));
    }

    @Test
    void refusesWhatPointsElsewhere() throws Exception {
        qemuImg("create", "-q", "-f", "qcow2", importable("base.qcow2").toString(), "1M");
        qemuImg(
                "create",
                "-q",
                "-f",
                "qcow2",
                "-b",
                importable("base.qcow2").toString(),
                "-F",
                "qcow2",
                importable("overlay.qcow2").toString());
        qemuImg("create", "-q", "-f", "qcow2", importable("huge.qcow2").toString(), "2T");
        refused("overlay", "overlay.qcow2", "qcow2", "backing");
        refused("huge", "huge.qcow2", "qcow2", "");
        refused("declared", "base.qcow2", "raw", "");
        refused("unknown", "../../etc/passwd", "raw", "");
        refused("missing", "missing.qcow2", "qcow2", "");
        as("alice")
                .body(Map.of("name", "mine", "file", "base.qcow2", "format", "qcow2"))
                .post("/api/v1/images/import")
                .then()
                .statusCode(403);
    }

    private static void refused(String name, String file, String format, String word) {
        as("admin")
                .body(Map.of("name", name, "file", file, "format", format))
                .post("/api/v1/images/import")
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("file"))
                .body("detail", containsString(word));
        as("admin").get("/api/v1/images?limit=200").then().body("items.name", not(hasItem(name)));
    }

    @Test
    void takesAnUploadLargerThanAnyJson() throws Exception {
        Path raw = Files.createTempFile("upload", ".raw");
        try {
            Files.write(raw, new byte[2 << 20]);
            given().auth()
                    .preemptive()
                    .basic("admin", Portal.PASSWORD)
                    .multiPart("name", "uploaded")
                    .multiPart("format", "raw")
                    .multiPart("file", raw.toFile())
                    .post("/api/v1/images")
                    .then()
                    .statusCode(201)
                    .body("state", equalTo("READY"))
                    .body("fileSizeBytes", equalTo(2 << 20));
            given().auth()
                    .preemptive()
                    .basic("alice", Portal.PASSWORD)
                    .multiPart("name", "mine")
                    .multiPart("format", "raw")
                    .multiPart("file", raw.toFile())
                    .post("/api/v1/images")
                    .then()
                    .statusCode(403);
            given().auth()
                    .preemptive()
                    .basic("admin", Portal.PASSWORD)
                    .multiPart("name", "no-file")
                    .multiPart("format", "raw")
                    .post("/api/v1/images")
                    .then()
                    .statusCode(400);
        } finally {
            Files.delete(raw);
        }
    }

    /** What comes in parts over a plain socket, so that it can be whatever no program would send. */
    private static Socket send(String length, String body) throws IOException {
        var socket = new Socket("127.0.0.1", RestAssured.port);
        socket.setSoTimeout(120_000);
        String login =
                Base64.getEncoder().encodeToString(("admin:" + Portal.PASSWORD).getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream()
                .write(("POST /api/v1/images HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Basic "
                                + login + "\r\nContent-Type: multipart/form-data; boundary=x\r\n" + length + "\r\n\r\n"
                                + body)
                        .getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return socket;
    }

    private static String part(String name, String more, String value) {
        return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"" + more + "\r\n\r\n" + value + "\r\n";
    }

    private List<Path> uploads() throws IOException {
        try (var files = Files.list(images.uploadDirectory())) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    /** Without an end it does not begin; broken off, nothing of it stays. */
    @Test
    void anUploadThatNeverEndsLeavesNothing() throws Exception {
        try (var endless = send("Transfer-Encoding: chunked", "5\r\n--x\r\n\r\n")) {
            assertThat(new String(endless.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 411 ");
        }
        String half = part("name", "", "half") + part("format", "", "raw")
                + "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" + "x".repeat(100_000);
        try (var broken = send("Content-Length: 1000000", half)) {
            await().atMost(Duration.ofMinutes(2)).until(() -> !uploads().isEmpty());
        }
        await().atMost(Duration.ofMinutes(2)).until(() -> uploads().isEmpty());
        as("admin").get("/api/v1/images?limit=200").then().body("items.name", not(hasItem("half")));
    }

    /** The name that a browser gives a file is never a path here. */
    @Test
    void aFilesNameLeadsNowhere() throws Exception {
        int number = 0;
        for (String name :
                List.of("../../../../tmp/berth-escaped", "/etc/berth-escaped", "a\u0000b", "n".repeat(5_000))) {
            String body = part("name", "", "named-" + number++) + part("format", "", "raw")
                    + part(
                            "file",
                            "; filename=\"" + name + "\"\r\nContent-Type: application/octet-stream",
                            "z".repeat(1 << 20))
                    + "--x--\r\n";
            try (var socket = send("Content-Length: " + body.length(), body)) {
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                        .as(name)
                        .startsWith("HTTP/1.1 ")
                        .doesNotStartWith("HTTP/1.1 5")
                        .doesNotContain("Exception", "berth-escaped");
            }
        }
        assertThat(Path.of("/tmp/berth-escaped")).doesNotExist();
        assertThat(Path.of("/etc/berth-escaped")).doesNotExist();
        await().atMost(Duration.ofMinutes(2)).until(() -> uploads().isEmpty());
    }
}
