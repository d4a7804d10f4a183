package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.catalog.HostInventory;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.hypervisor.HostStorage;
import dev.berth.hypervisor.disk.DeviceLook;
import dev.berth.machines.DeviceStatus;
import dev.berth.security.Caller;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Registering, agreeing and retiring, by page and by API; for admins alone. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class DevicePagesTest {
    private static final Caller BERTH = Caller.system("test");
    private static final long GIB = 1L << 30;

    @Inject
    Portal portal;

    @Inject
    StorageProfiles storage;

    @Inject
    HostInventory inventory;

    @Inject
    DeviceStatus status;

    @Test
    void aDeviceComesAndGoesByPage() {
        portal.make();
        Profile profile = storage.create(BERTH, "dev-page", "Array <b>one</b>", "", "block", Map.of());
        inventory.seen(
                portal.paper().id(),
                "paper",
                new HostStorage(
                        List.of(),
                        List.of(),
                        List.of(new HostStorage.Device("/dev/disk/by-id/listed", "sdz", 4 * GIB, "Fast", ""))));
        Browser admin = Browser.of("admin");
        assertThat(admin.html("/admin/storage/dev-page")).contains("/admin/storage/dev-page/devices");
        assertThat(admin.html("/admin/storage/qcow2")).doesNotContain("/admin/storage/qcow2/devices");
        assertThat(admin.get("/admin/storage/qcow2/devices").statusCode()).isEqualTo(404);
        assertThat(Browser.of("alice").get("/admin/storage/dev-page/devices").statusCode())
                .isIn(403, 404);
        assertThat(admin.html("/admin/storage/dev-page/devices"))
                .contains("No device is registered", "/dev/disk/by-id/listed", "sdz Fast, 4.0 GiB", "Array &lt;b&gt;");

        Response refused =
                admin.post("/admin/storage/dev-page/devices", Map.of("host", "paper", "path", "/dev/../etc/shadow"));
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.asString()).contains("Write a path below /dev", "value=\"/dev/../etc/shadow\"");
        assertThat(admin.post(
                                "/admin/storage/dev-page/devices",
                                Map.of("host", "paper", "path", "/dev/disk/by-id/listed"))
                        .header("Location"))
                .endsWith("/admin/storage/dev-page/devices");
        assertThat(admin.html("/admin/storage/dev-page/devices")).contains("Being looked at");

        DeviceStatus.Row row = status.rows(profile.id(), portal.paper().id()).get(0);
        status.looked(
                row, new DeviceLook(row.path(), "/dev/sdz", 4 * GIB, "S-<1>", "Fast", "", "It holds data: ext4."));
        assertThat(admin.html("/admin/storage/dev-page/devices/now"))
                .contains("Refused", "It holds data: ext4.", "4.0 GiB", "S-&lt;1&gt;", "Type <code>listed</code>");
        String url = "/admin/storage/dev-page/devices/" + row.id();
        admin.post(url + "/overwrite", Map.of("name", "lusted"));
        assertThat(admin.html("/admin/storage/dev-page/devices")).contains("Refused");
        admin.post(url + "/overwrite", Map.of("name", "listed"));
        status.wiping(status.rows(profile.id(), portal.paper().id()).get(0), 42);
        assertThat(admin.html("/admin/storage/dev-page/devices")).contains("Being wiped", "42 %");
        assertThat(admin.html("/admin/storage")).contains("0 of 1 device free, 4.0 GiB in all");
        assertThat(admin.html("/admin/storage/dev-page")).contains("0 of 1 device free");
        admin.post(url + "/retire", Map.of());
        assertThat(admin.html("/admin/storage/dev-page/devices")).contains("No device is registered");
    }

    @Test
    void theSameByApi() {
        portal.make();
        Profile profile = storage.create(BERTH, "dev-api", "Array two", "", "block", Map.of());
        String devices = "/api/v1/storage-profiles/dev-api/devices";
        Map<String, String> wanted = Map.of("host", "paper", "path", "/dev/disk/by-id/by-api");
        assertThat(as("alice").body(wanted).post(devices).statusCode()).isEqualTo(403);
        assertThat(as("alice").get(devices).statusCode()).isEqualTo(403);
        Response made = as("admin").body(wanted).post(devices);
        assertThat(made.statusCode()).isEqualTo(201);
        assertThat(made.<String>path("state")).isEqualTo("checking");
        String device = devices + '/' + made.path("id");
        assertThat(made.header("Location")).endsWith(device);
        assertThat(as("admin").body(wanted).post(devices).statusCode()).isEqualTo(409);
        assertThat(as("admin")
                        .body(Map.of("host", "paper", "path", "sda"))
                        .post(devices)
                        .<List<String>>path("errors.field"))
                .containsExactly("path");
        assertThat(as("admin")
                        .body(Map.of("name", "by-api"))
                        .post(device + "/overwrite")
                        .statusCode())
                .isEqualTo(409);

        DeviceStatus.Row row = status.rows(profile.id(), portal.paper().id()).get(0);
        status.looked(row, new DeviceLook(row.path(), "/dev/sdy", 4 * GIB, "", "", "", "It holds data: ext4."));
        assertThat(as("admin").get(device).<Boolean>path("overwritable")).isTrue();
        Response agreed = as("admin").body(Map.of("name", "by-api")).post(device + "/overwrite");
        assertThat(agreed.statusCode()).isEqualTo(202);
        assertThat(agreed.<String>path("state")).isEqualTo("wiping");
        assertThat(as("admin").get(devices).<List<String>>path("items.path")).containsExactly("/dev/disk/by-id/by-api");
        assertThat(as("admin")
                        .get("/api/v1/storage-profiles/qcow2/devices/" + row.id())
                        .statusCode())
                .isEqualTo(404);
        assertThat(as("admin").delete(device).statusCode()).isEqualTo(204);
        assertThat(as("admin").get(device).statusCode()).isEqualTo(404);
    }
}
