package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;

import dev.berth.catalog.ImageChecks;
import dev.berth.catalog.Images;
import dev.berth.hypervisor.ImageFiles;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An image's page, from the library to its removal, and what it says when the file was touched. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class ImagePagesTest {
    @Inject
    Portal portal;

    @Inject
    Images images;

    @Inject
    ImageChecks checks;

    private Browser admin;

    @BeforeEach
    void signIn() {
        portal.make();
        admin = Browser.of("admin");
    }

    private Path made(String name) throws IOException {
        Files.write(Portal.importDirectory().resolve("plain.raw"), new byte[1 << 20]);
        as("admin")
                .body(Map.of("name", name, "file", "plain.raw", "format", "raw"))
                .post("/api/v1/images/import")
                .then()
                .statusCode(201)
                .body("checkedAt", notNullValue())
                .body("problem", equalTo(""));
        return Path.of(images.base(images.get(name)).path());
    }

    @Test
    void aTouchedImageIsQuarantinedUntilAnAdminReleasesIt() throws IOException {
        Path file = made("touched");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000));
        assertThat(checks.look(images.get("touched").id()))
                .hasValueSatisfying(sentence -> assertThat(sentence).contains("touched is quarantined"));
        assertThat(admin.html("/admin/images/touched"))
                .contains("no machine is made or started from it", "was written to", "No machine runs on it now")
                .contains("id=\"check\"")
                .doesNotContain("id=\"release\"");
        assertThat(admin.html("/admin/images")).contains("1 image is quarantined", "quarantined</span></span>");
        as("admin")
                .post("/api/v1/images/touched/release")
                .then()
                .statusCode(409)
                .body("code", equalTo("not-checked"));

        assertThat(admin.post("/admin/images/touched/check", Map.of()).statusCode())
                .isEqualTo(303);
        assertThat(admin.html("/admin/images/touched")).contains("about to be");
        ImageChecks.Due due = checks.claim().orElseThrow();
        assertThat(due.name()).isEqualTo("touched");
        assertThat(checks.claim()).as("one alone reads it").isEmpty();
        var stamp = ImageFiles.stamp(file);
        checks.read(due.id(), stamp, ImageFiles.digest(file), stamp);
        assertThat(admin.html("/admin/images/touched")).contains("it may be released", "id=\"release\"");
        assertThat(admin.post("/admin/images/touched/release", Map.of()).statusCode())
                .isEqualTo(303);
        as("admin").get("/api/v1/images/touched").then().body("state", equalTo("READY"));
        as("alice").post("/api/v1/images/touched/check").then().statusCode(403);
        as("alice").get("/api/v1/images/touched/dependents").then().statusCode(403);
    }

    @Test
    void anImageIsRemovedOnlyByItsNameAndOnlyWhenNothingStandsOnIt() throws IOException {
        Path file = made("old");
        as("admin").delete("/api/v1/images/old").then().statusCode(409).body("code", equalTo("wrong-state"));
        admin.post("/admin/images/old/retire", Map.of());
        assertThat(admin.html("/admin/images/old")).contains("it can be removed", "id=\"remove\"");
        assertThat(admin.post("/admin/images/old/remove", Map.of("confirm", "other"))
                        .asString())
                .contains("Type old to confirm");
        assertThat(file).exists();
        assertThat(admin.post("/admin/images/old/remove", Map.of("confirm", "old"))
                        .statusCode())
                .isEqualTo(303);
        assertThat(file).doesNotExist();
        as("admin").get("/api/v1/images/old").then().statusCode(404);
        as("admin").get("/api/v1/images/old/dependents").then().statusCode(404);

        Path again = made("old");
        as("alice").delete("/api/v1/images/old").then().statusCode(403);
        as("admin").get("/api/v1/images/old/dependents").then().statusCode(200).body("", hasSize(0));
        as("admin").post("/api/v1/images/old/retire").then().statusCode(200);
        as("admin").delete("/api/v1/images/old").then().statusCode(200).body("state", equalTo("REMOVED"));
        assertThat(again).doesNotExist();
    }

    @Test
    void anImageOnAnotherHostIsAskedForByItsDigest() {
        assertThat(admin.html("/admin/images")).contains("Fetch one from another host", "id=\"image-imports\"");
        Response refused = admin.post(
                "/admin/image-imports",
                Map.of("url", "https://evil.example.org/<b>.raw", "name", "web", "format", "raw", "digest", "abc"));
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.asString())
                .contains("Write a SHA-256 or a SHA-512", "an address such as", "&lt;b&gt;")
                .doesNotContain("<b>");
        // Nobody answers at that port.
        Map<String, String> asked =
                Map.of("url", "https://127.0.0.1:1/disk.raw", "name", "web", "format", "raw", "digest", "0".repeat(64));
        assertThat(admin.post("/admin/image-imports", asked).statusCode()).isEqualTo(303);
        await().atMost(Duration.ofMinutes(2))
                .until(
                        () -> admin.html("/admin/image-imports/now"),
                        html -> html.contains("https://127.0.0.1:1/disk.raw") && html.contains("No answer from"));
        String id = as("admin").get("/api/v1/image-imports").path("items.find { it.name == 'web' }.id");
        assertThat(admin.post("/admin/image-imports/" + id + "/cancel", Map.of())
                        .statusCode())
                .isEqualTo(303);
        assertThat(admin.html("/admin/images")).contains("Cancelled by admin");
        assertThat(Browser.of("alice").get("/admin/image-imports/now").statusCode())
                .isEqualTo(403);
    }
}
