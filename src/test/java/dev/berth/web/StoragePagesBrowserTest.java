package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.hypervisor.DiskSpeed;
import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.disk.DeviceLook;
import dev.berth.machines.Device;
import dev.berth.machines.DeviceStatus;
import dev.berth.machines.Devices;
import dev.berth.machines.Disks;
import dev.berth.machines.MachineStatus;
import dev.berth.machines.SnapshotStatus;
import dev.berth.machines.Snapshots;
import dev.berth.machines.StorageSpeeds;
import dev.berth.machines.Task;
import dev.berth.security.Caller;
import dev.berth.testing.Chrome;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The pages about storage in Chromium, with something on them, wide and narrow. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("browser")
class StoragePagesBrowserTest {
    private static final Caller BERTH = Caller.system("test");
    private static final long GIB = 1L << 30;

    @TestHTTPResource("/")
    URI portalUrl;

    @Inject
    Portal portal;

    @Inject
    StorageProfiles storage;

    @Inject
    StorageSpeeds speeds;

    @Inject
    Devices devices;

    @Inject
    DeviceStatus deviceStatus;

    @Inject
    Disks disks;

    @Inject
    Snapshots snapshots;

    @Inject
    SnapshotStatus snapshotStatus;

    @Inject
    MachineStatus status;

    private Chrome chrome;

    @BeforeEach
    void open() {
        portal.make();
        chrome = new Chrome(portalUrl);
    }

    @AfterEach
    void close() {
        chrome.close();
    }

    @Test
    void canBeReadWideAndNarrow() {
        String tenant = portal.tenant(3);
        UUID machine = UUID.fromString(as(tenant + "-user")
                .body(ask("a-machine-with-quite-a-long-name"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .path("machineId"));
        Task task = status.task(machine).orElseThrow();
        status.running(task, true);
        status.settled(task);
        snapshots.take(BERTH, machine, "before the upgrade of everything", UUID.randomUUID());
        snapshotStatus
                .jobs(status.task(machine).orElseThrow())
                .forEach(job -> snapshotStatus.taken(job, true, 5L << 20));
        status.settled(status.task(machine).orElseThrow());
        UUID disk = disks.list(BERTH, machine).get(0).id();
        array();
        Profile lun = storage.create(
                BERTH,
                "look-lun",
                "LUNs",
                "",
                "iscsi",
                Map.of("portal", "192.0.2.10:3260", "target", "iqn.2026-01.com.example:berth", "user", "berth"));
        storage.checked(
                lun.id(),
                portal.paper().id(),
                "paper",
                new HostCheck(List.of(), List.of(), Map.of("device iqn.2026-01.com.example:berth/1", "100.0 GiB")));

        Page page = chrome.signIn("admin");
        String machinePage = "/t/" + tenant + "/machines/" + machine;
        Map<String, String> pages = new LinkedHashMap<>();
        pages.put("storage-profiles", "/admin/storage");
        pages.put("storage-profile", "/admin/storage/look-array");
        pages.put("storage-kinds", "/admin/storage/new?pace=device");
        pages.put("storage-limits", "/admin/storage/look-array/limits");
        pages.put("storage-secret", "/admin/storage/look-lun/secret");
        pages.put("devices", "/admin/storage/look-array/devices");
        pages.put("devices-luns", "/admin/storage/look-lun/devices");
        pages.put("image", "/admin/images/linux");
        pages.put("disks", machinePage + "/disks");
        pages.put("disk-move", machinePage + "/disks/" + disk + "/move");
        pages.put("disk-capture", machinePage + "/disks/" + disk + "/capture");
        pages.put("snapshots", machinePage + "/snapshots");
        List<AssertionError> wrong = new ArrayList<>();
        pages.forEach((name, path) -> {
            page.navigate(chrome.url(path));
            try {
                chrome.check(page, "look-" + name);
            } catch (AssertionError e) {
                wrong.add(e);
            }
        });
        assertThat(wrong).isEmpty();
        assertThat(chrome.errors()).isEmpty();
        storage.retire(BERTH, "look-array");
        storage.retire(BERTH, "look-lun");
    }

    /** Devices in every state, and what was measured of them. */
    private void array() {
        Profile profile = storage.create(BERTH, "look-array", "The array in the cellar", "", "block", Map.of());
        List<DeviceLook> looks = List.of(
                look("wwn-0x5000c500a1b2c3d4e5f60718293a4b5c", "", ""),
                look("wwn-0x5000c500a1b2c3d5", "It is mounted on the host, at /srv/backups/of/the/old/array.", ""),
                look("wwn-0x5000c500a1b2c3d6", "", "It holds data: ext4."),
                look("wwn-0x5000c500a1b2c3d7", "", "It holds data: gpt."),
                DeviceLook.missing("/dev/disk/by-id/wwn-0x5000c500a1b2c3d8"));
        for (DeviceLook look : looks) {
            Device device = devices.register(BERTH, profile, "paper", look.path());
            deviceStatus.looked(row(profile, device), look);
        }
        Device wiped = devices.list(BERTH, profile).get(3);
        devices.agree(BERTH, profile, wiped.id(), wiped.name());
        deviceStatus.wiping(row(profile, wiped), 42);
        storage.checked(profile.id(), portal.paper().id(), "paper", HostCheck.GOOD);
        speeds.measure(BERTH, profile.slug());
        speeds.measured(
                speeds.of(profile.id()).get(0).id(), new DiskSpeed(1_234_000_000L, 2_345_000_000L, 43_210, 98_765));
    }

    private static DeviceLook look(String name, String inUse, String data) {
        String path = "/dev/disk/by-id/" + name;
        return new DeviceLook(path, "/dev/real/" + name, 931 * GIB, "S4XYZ0" + name.length(), "Fast 980", inUse, data);
    }

    private DeviceStatus.Row row(Profile profile, Device device) {
        return deviceStatus.rows(profile.id(), portal.paper().id()).stream()
                .filter(row -> row.id().equals(device.id()))
                .findFirst()
                .orElseThrow();
    }
}
