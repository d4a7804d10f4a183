package dev.berth.machines;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.catalog.Policy;
import dev.berth.catalog.Profile;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Templates;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.disk.DeviceLook;
import dev.berth.security.Caller;
import dev.berth.testing.Parallel;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Devices are handed out once, go to whom they fit, and are free again only when their host has looked at them. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class DevicesTest {
    private static final Caller BERTH = Caller.system("test");
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final long GIB = 1L << 30;

    @Inject
    Portal portal;

    @Inject
    StorageProfiles storage;

    @Inject
    Templates templates;

    @Inject
    Devices devices;

    @Inject
    DeviceStatus status;

    @Inject
    Machines machines;

    @Inject
    MachineStatus machineStatus;

    private Profile profile;
    private String slug;

    @BeforeEach
    void make() {
        portal.make();
        slug = "dev" + COUNTER.incrementAndGet();
        profile = storage.create(BERTH, slug, "Devices", "", "block", Map.of());
    }

    @AfterEach
    void nothingDrifts() {
        assertThat(portal.drift()).isEmpty();
    }

    @Test
    void twentyAtOnceShareFiveDevices() {
        for (int i = 0; i < 5; i++) {
            free("five-" + i, 10 + i);
        }
        List<Optional<String>> places = Parallel.run(20, i -> claim(10, UUID.randomUUID()));
        assertThat(places.stream().flatMap(Optional::stream)).hasSize(5).doesNotHaveDuplicates();
        assertThat(all()).allMatch(device -> device.state() == DeviceState.IN_USE);
    }

    @Test
    void theSmallestThatFitsIsHandedOut() {
        free("large", 50);
        free("small", 10);
        free("middle", 20);
        UUID volume = UUID.randomUUID();
        assertThat(claim(11, volume))
                .hasValueSatisfying(place -> assertThat(place).endsWith("middle"));
        assertThat(claim(11, volume)).as("asked again").hasValueSatisfying(place -> assertThat(place)
                .endsWith("middle"));
        assertThat(claim(60, UUID.randomUUID())).isEmpty();
    }

    @Test
    void requestsRaceForDevicesAndGiveThemBack() {
        String tenant = portal.tenant(50);
        offer();
        Response early = request(tenant, "early");
        assertThat(early.statusCode()).isEqualTo(503);
        assertThat(early.<String>path("detail")).contains("has no free device of", "or more for " + slug);
        for (int i = 0; i < 3; i++) {
            free("asked-" + i, 64);
        }

        List<Response> answers = Parallel.run(8, i -> request(tenant, "m" + i));

        assertThat(answers).filteredOn(answer -> answer.statusCode() == 201).hasSize(3);
        assertThat(answers)
                .filteredOn(answer -> answer.statusCode() != 201)
                .allMatch(answer -> answer.statusCode() == 503);
        assertThat(all()).allSatisfy(device -> {
            assertThat(device.machineName()).startsWith("m");
            assertThat(device.tenantSlug()).isEqualTo(tenant);
        });
        UUID machine = all().get(0).machineId();
        assertThat(machineStatus.task(machine).orElseThrow().domain().disks())
                .singleElement()
                .satisfies(
                        disk -> assertThat(disk.place()).isEqualTo(all().get(0).path()));
        assertThatThrownBy(() -> devices.retire(BERTH, profile, all().get(0).id()))
                .hasMessageContaining("A machine's disk is on this device");

        machines.delete(BERTH, machine);
        machineStatus.gone(machineStatus.task(machine).orElseThrow());
        assertThat(all().get(0).state()).as("not before its host has looked").isEqualTo(DeviceState.CHECKING);
        look(all().get(0), found(all().get(0).path(), 64, "", ""));
        assertThat(request(tenant, "next").statusCode()).isEqualTo(201);
        Device gone = all().get(0);
        look(gone, DeviceLook.missing(gone.path()));
        devices.retire(BERTH, profile, gone.id());
        assertThat(machineStatus.task(gone.machineId()).orElseThrow().domain().disks())
                .singleElement()
                .satisfies(disk -> assertThat(disk.place()).as("given up").isEmpty());
        machines.delete(BERTH, gone.machineId());
        machineStatus.gone(machineStatus.task(gone.machineId()).orElseThrow());
        for (Device device : all()) {
            machines.delete(BERTH, device.machineId());
            machineStatus.gone(machineStatus.task(device.machineId()).orElseThrow());
        }
    }

    @Test
    void whatItsHostSaysDecides() {
        Device device = devices.register(BERTH, profile, "paper", "/dev/disk/by-id/" + slug);
        assertThat(device.state()).isEqualTo(DeviceState.CHECKING);
        assertThatThrownBy(() -> devices.register(BERTH, profile, "paper", device.path()))
                .hasMessageContaining("registered already");
        assertThatThrownBy(() -> devices.register(BERTH, profile, "paper", "/etc/passwd"))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> devices.register(BERTH, profile, "paper", "/dev/disk/by-label/root"))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> devices.register(BERTH, profile, "nowhere", "/dev/sdz"))
                .isInstanceOf(ProblemException.class);

        look(device, found(device.path(), 10, "It is mounted on the host, at /srv.", "It holds data."));
        assertThat(only().state()).isEqualTo(DeviceState.REFUSED);
        assertThatThrownBy(() -> devices.agree(BERTH, profile, device.id(), slug))
                .hasMessageContaining("nothing to agree to");

        look(device, found(device.path(), 10, "", "It holds data: ext4."));
        assertThat(only().overwritable()).isTrue();
        assertThatThrownBy(() -> devices.agree(BERTH, profile, device.id(), "yes"))
                .hasMessageContaining("Type " + slug);
        assertThat(devices.agree(BERTH, profile, device.id(), slug).state()).isEqualTo(DeviceState.WIPING);
        DeviceStatus.Row wiping = row(device);
        look(device, found(device.path(), 10, "", "It holds data: ext4."));
        assertThat(only().state()).as("until it is wiped").isEqualTo(DeviceState.WIPING);
        status.wiping(wiping, 42);
        assertThat(only().wipedPercent()).isEqualTo(42);
        assertThat(status.busy(profile.id())).isTrue();
        DeviceStatus.Row checking = status.wiped(wiping).orElseThrow();
        status.looked(wiping, found(device.path(), 10, "", "It holds data: ext4."));
        assertThat(only().state()).as("an old look counts no more").isEqualTo(DeviceState.CHECKING);
        status.looked(checking, found(device.path(), 10, "", ""));
        assertThat(only().state()).isEqualTo(DeviceState.FREE);
        assertThat(only().serial()).isEqualTo("S-1");
        assertThat(only().wipedPercent()).isZero();
        assertThat(status.busy(profile.id())).isFalse();

        Device twin = devices.register(BERTH, profile, "paper", "/dev/disk/by-path/" + slug);
        look(twin, found(device.path(), 10, "", ""));
        assertThat(devices.get(BERTH, profile, twin.id()).reason()).contains("the same device as " + device.path());
        devices.retire(BERTH, profile, twin.id());

        look(device, DeviceLook.missing(device.path()));
        assertThat(only().state()).isEqualTo(DeviceState.LOST);
        devices.retire(BERTH, profile, device.id());
        assertThat(all()).isEmpty();
    }

    private Optional<String> claim(long sizeGib, UUID volume) {
        try {
            return Optional.of(QuarkusTransaction.requiringNew()
                    .call(() -> devices.claim(profile, portal.paper().id(), sizeGib, volume)));
        } catch (ProblemException e) {
            assertThat(e.code()).isEqualTo("no-device");
            return Optional.empty();
        }
    }

    private void free(String name, long gib) {
        Device device = devices.register(BERTH, profile, "paper", "/dev/disk/by-id/" + slug + "-" + name);
        look(device, found(device.path(), gib, "", ""));
    }

    /** What the worker of the host on paper would find. */
    private static DeviceLook found(String path, long gib, String inUse, String data) {
        return new DeviceLook(path, "/dev/real/" + path, gib * GIB, "S-1", "Paper", inUse, data);
    }

    private void look(Device device, DeviceLook look) {
        status.looked(row(device), look);
    }

    private DeviceStatus.Row row(Device device) {
        return status.rows(profile.id(), portal.paper().id()).stream()
                .filter(row -> row.id().equals(device.id()))
                .findFirst()
                .orElseThrow();
    }

    private List<Device> all() {
        return devices.list(BERTH, profile);
    }

    private Device only() {
        return all().stream()
                .filter(device -> device.path().startsWith("/dev/disk/by-id"))
                .findFirst()
                .orElseThrow();
    }

    private void offer() {
        templates.create(BERTH, slug, "Offers " + slug, "", new Policy(1, 512, 64, 48, 720));
        templates.revise(
                BERTH,
                slug,
                new Templates.RevisionDraft(Portal.TEMPLATE, List.of("tiny"), List.of("nat"), List.of(slug), ""));
        templates.setState(BERTH, slug, 1, RevisionState.APPROVED);
    }

    private Response request(String tenant, String name) {
        Map<String, Object> ask = ask(name);
        ask.put("template", slug);
        ask.put("storage", slug);
        return as(tenant + "-user").body(ask).post("/api/v1/tenants/{tenant}/requests", tenant);
    }
}
