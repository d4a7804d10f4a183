package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.nullValue;

import dev.berth.tenancy.Resource;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Templates whose machines have no disk, from the library to the request; by page and by API. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class DisklessPagesTest {
    private static final Map<String, Object> POLICY =
            Map.of("maxVcpus", 2, "maxMemoryMib", 1_024, "maxDiskGib", 0, "maxLeaseHours", 48);

    @Inject
    Portal portal;

    private Browser admin;

    @BeforeEach
    void signIn() {
        portal.make();
        admin = Browser.of("admin");
    }

    @Test
    void aKernelOfTheLibraryTakesNoDisk() throws IOException {
        bringIn("live-kernel", "kernel", kernel());
        bringIn("live-initrd", "initrd", "070701-and-more".getBytes(StandardCharsets.US_ASCII));
        as("admin")
                .body(Map.of("name", "fake", "file", "live-initrd", "format", "kernel"))
                .post("/api/v1/images/import")
                .then()
                .statusCode(400)
                .body("errors[0].detail", containsString("not a Linux kernel"));
        template("live");
        assertThat(admin.html("/admin/templates/live")).contains("live-kernel", "live-initrd", "No disk: a kernel");
        assertThat(admin.post(
                                "/admin/templates/live/revisions",
                                Map.of(
                                        "boot", "KERNEL",
                                        "kernel", "live-kernel",
                                        "initrd", "live-initrd",
                                        "commandLine", "console=ttyS0 <quiet>",
                                        "sizes", "tiny",
                                        "networks", "nat"))
                        .statusCode())
                .isEqualTo(303);
        as("admin")
                .get("/api/v1/templates/live/revisions/1")
                .then()
                .body("boot", equalTo("kernel"))
                .body("image", nullValue())
                .body("kernel", equalTo("live-kernel"))
                .body("initrd", equalTo("live-initrd"))
                .body("commandLine", equalTo("console=ttyS0 <quiet>"))
                .body("storage.size()", equalTo(0));
        as("admin").post("/api/v1/templates/live/revisions/1/approve").then().statusCode(200);
        assertThat(admin.html("/admin/templates/live"))
                .contains("kernel live-kernel and RAM disk live-initrd", "console=ttyS0 &lt;quiet&gt;");

        String tenant = portal.tenant(5);
        Browser member = Browser.of(tenant + "-user");
        assertThat(member.html("/t/" + tenant + "/requests/new?template=live"))
                .contains("No disk: what it writes is lost when it is off", "no disk")
                .doesNotContain("name=\"storage\"");
        Map<String, Object> ask = ask("live");
        ask.remove("storage");
        as(tenant + "-user")
                .body(ask)
                .post("/api/v1/tenants/" + tenant + "/requests")
                .then()
                .statusCode(201)
                .body("state", equalTo("APPROVED"))
                .body("machine.diskGib", equalTo(0))
                .body("machine.storage", equalTo(""));
        assertThat(portal.used(tenant))
                .containsEntry(Resource.MACHINES, 1L)
                .containsEntry(Resource.VCPUS, 1L)
                .containsEntry(Resource.DISK_GIB, 0L);
        assertThat(portal.drift()).isEmpty();
        assertThat(member.html("/t/" + tenant + "/machines")).contains("no disk");

        as("admin").post("/api/v1/images/live-kernel/retire").then().statusCode(200);
        as("admin").get("/api/v1/images/live-kernel/dependents").then().body("kind", hasItem(equalTo("MACHINE")));
        as("admin").delete("/api/v1/images/live-kernel").then().statusCode(409).body("code", equalTo("in-use"));
        as(tenant + "-user")
                .body(ask("later"))
                .post("/api/v1/tenants/" + tenant + "/requests")
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("template"));
    }

    @Test
    void theNetworkHasToHaveABootServer() {
        template("pxe");
        Map<String, Object> revision = new HashMap<>(
                Map.of("boot", "network", "sizes", List.of("tiny"), "networks", List.of("nat"), "storage", List.of()));
        as("admin")
                .body(revision)
                .post("/api/v1/templates/pxe/revisions")
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("networks"))
                .body("errors[0].detail", containsString("boot server"));
        as("admin")
                .body(Map.of(
                        "slug",
                        "pxe-net",
                        "name",
                        "PXE",
                        "kind",
                        "nat",
                        "config",
                        Map.of(
                                "cidr", "10.219.7.0/24",
                                "rangeStart", "10.219.7.10",
                                "rangeEnd", "10.219.7.99",
                                "bootFile", "http://boot.example.org/menu.ipxe")))
                .post("/api/v1/network-profiles")
                .then()
                .statusCode(201);
        revision.put("networks", List.of("pxe-net"));
        as("admin")
                .body(revision)
                .post("/api/v1/templates/pxe/revisions")
                .then()
                .statusCode(201)
                .body("boot", equalTo("network"));
        as("admin").post("/api/v1/templates/pxe/revisions/1/approve").then().statusCode(200);
        assertThat(admin.html("/admin/templates")).contains("network boot");
        assertThat(Browser.of("alice").html("/t/blue/requests/new?template=pxe"))
                .contains("a boot server on its network", "No disk: what it writes");
    }

    @Test
    void refusesWhatDoesNotFit() throws IOException {
        bringIn("odd-kernel", "kernel", kernel());
        template("odd");
        as("admin")
                .body(Map.of("image", "odd-kernel", "sizes", List.of("tiny"), "networks", List.of("nat")))
                .post("/api/v1/templates/odd/revisions")
                .then()
                .statusCode(400)
                .body("errors.field", equalTo(List.of("image", "storage")));
        as("admin")
                .body(Map.of(
                        "boot",
                        "kernel",
                        "kernel",
                        "linux",
                        "initrd",
                        "odd-kernel",
                        "commandLine",
                        "two\nlines",
                        "sizes",
                        List.of("tiny"),
                        "networks",
                        List.of("nat")))
                .post("/api/v1/templates/odd/revisions")
                .then()
                .statusCode(400)
                .body("errors.field", equalTo(List.of("commandLine", "initrd", "kernel")));
        as("admin")
                .body(Map.of("boot", "floppy", "sizes", List.of("tiny"), "networks", List.of("nat")))
                .post("/api/v1/templates/odd/revisions")
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("boot"));
    }

    private static Map<String, Object> ask(String name) {
        Map<String, Object> ask = Portal.ask(name);
        ask.put("template", "live");
        return ask;
    }

    private static void template(String slug) {
        as("admin")
                .body(Map.of("slug", slug, "name", slug, "description", "", "policy", POLICY))
                .post("/api/v1/templates")
                .then()
                .statusCode(201);
    }

    private static void bringIn(String name, String format, byte[] file) throws IOException {
        Files.write(Portal.importDirectory().resolve(name), file);
        as("admin")
                .body(Map.of("name", name, "file", name, "format", format))
                .post("/api/v1/images/import")
                .then()
                .statusCode(201)
                .body("virtualSizeBytes", equalTo(0));
    }

    /** The beginning of one, by the boot protocol. */
    private static byte[] kernel() {
        byte[] file = new byte[8_192];
        file[0x1FE] = 0x55;
        file[0x1FF] = (byte) 0xAA;
        System.arraycopy("HdrS".getBytes(StandardCharsets.US_ASCII), 0, file, 0x202, 4);
        file[0x206] = 0x0F;
        file[0x207] = 2;
        file[0x211] = 1;
        return file;
    }
}
