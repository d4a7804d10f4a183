package dev.berth.api;

import static dev.berth.testing.Portal.as;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
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
import java.nio.file.Files;
import java.nio.file.Path;
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

    @BeforeEach
    void make() {
        portal.make();
    }

    private static void qemuImg(String... arguments) throws IOException, InterruptedException {
        var command = new java.util.ArrayList<>(java.util.List.of("qemu-img"));
        command.addAll(java.util.List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private static Path importable(String name) {
        return Portal.importDirectory().resolve(name);
    }

    @Test
    void importsAFileOfTheServer() throws Exception {
        Files.write(
                importable("good.raw"),
                "a disk".repeat(200_000).substring(0, 1 << 20).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
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
}
