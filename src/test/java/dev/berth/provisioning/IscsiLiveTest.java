package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.catalog.Policy;
import dev.berth.catalog.Profile;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Templates;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.disk.DeviceOffers;
import dev.berth.hypervisor.disk.IscsiDisk;
import dev.berth.machines.Device;
import dev.berth.machines.DeviceState;
import dev.berth.machines.Devices;
import dev.berth.machines.MachineState;
import dev.berth.machines.Machines;
import dev.berth.requests.Ask;
import dev.berth.requests.MachineRequests;
import dev.berth.security.Caller;
import dev.berth.security.Users;
import dev.berth.testing.EveryText;
import dev.berth.testing.KeptLog;
import dev.berth.testing.LiveTarget;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.Virsh;
import dev.berth.testing.WorkerProfile;
import dev.berth.testing.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A LUN's way through a whole Berth, and what a machine says while its target is away. */
@QuarkusTest
@TestProfile(WorkerProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class IscsiLiveTest {
    private static final Caller BERTH = Caller.system("test");
    private static final Logger LOG = Logger.getLogger(IscsiLiveTest.class);
    private static final long GIB = 1L << 30;

    @Inject
    World world;

    @Inject
    StorageProfiles storage;

    @Inject
    StorageSecrets secrets;

    @Inject
    Templates templates;

    @Inject
    MachineRequests requests;

    @Inject
    Machines machines;

    @Inject
    Devices devices;

    @Inject
    Hosts hosts;

    @Inject
    HostChecks checks;

    @Inject
    EveryText everyText;

    @Inject
    Users users;

    @TempDir
    Path directory;

    private final KeptLog log = new KeptLog();
    private LiveTarget target;
    private Path lun;
    private Profile profile;

    @BeforeEach
    void make() throws IOException {
        world.make(WorkerProfile.DIRECTORY);
        target = new LiveTarget(directory);
        lun = target.lun(GIB, "bytes-of-somebody".getBytes(StandardCharsets.UTF_8));
        target.start();
        profile = storage.create(
                BERTH,
                world.tag() + "-lun",
                "LUNs",
                "",
                "iscsi",
                Map.of("portal", target.portal(), "target", LiveTarget.NAME, "user", LiveTarget.USER));
    }

    @AfterEach
    void end() throws IOException {
        log.close();
        storage.retire(BERTH, profile.slug());
        target.close();
        Virsh.attempt("secret-undefine", profile.id().toString());
        world.takeAway();
        assertThat(world.drift()).isEmpty();
    }

    @Test
    void isHandedOutSaysWhenItIsLostAndComesBackEmpty() throws IOException {
        assertThat(secrets.keep(BERTH, profile.slug(), target.secret)).allMatch(StorageSecrets.Kept::done);
        Device device = devices.register(BERTH, profile, hosts.list().get(0).name(), LiveTarget.NAME + "/1");
        awaitState(device, DeviceState.REFUSED);
        assertThatThrownBy(() -> devices.agree(BERTH, profile, device.id(), "1"))
                .hasMessageContaining("Type " + LiveTarget.NAME + "/1");
        devices.agree(BERTH, profile, device.id(), device.path());
        awaitState(device, DeviceState.FREE);
        patiently().untilAsserted(() -> assertThat(storage.checks(profile.id()))
                .as("the form for a device offers what the target has")
                .singleElement()
                .satisfies(check -> assertThat(DeviceOffers.of(check.facts()))
                        .containsExactly(Map.entry(LiveTarget.NAME + "/1", "1.0 GiB"))));

        UUID machine = request();
        world.await(machine, MachineState.RUNNING);
        assertThat(Virsh.run("dumpxml", "--security-info", machine.toString()))
                .contains("protocol='iscsi'", profile.id().toString())
                .doesNotContain(target.secret);
        assertThat(machines.get(BERTH, machine).trouble()).isEmpty();
        assertThat(StorageWatch.INTERVAL.plus(IscsiDisk.LONGEST_CHECK))
                .as("a loss is seen within half a minute, whatever the target does")
                .isLessThan(Duration.ofSeconds(30));
        target.stop();
        long lost = System.nanoTime();
        patiently().untilAsserted(() -> assertThat(machines.get(BERTH, machine).trouble())
                .contains("The storage LUNs is lost.", "Nothing answers at " + target.portal()));
        LOG.infof("The loss was seen after %d ms", (System.nanoTime() - lost) / 1_000_000);
        target.start();
        patiently().untilAsserted(() -> assertThat(machines.get(BERTH, machine).trouble())
                .isEmpty());

        storage.retire(BERTH, profile.slug());
        checks.all(hosts.list().get(0).name());
        assertThat(secretOnHost()).as("as long as a machine needs it").isTrue();
        nobodyTells(machine);
        world.delete(machine);
        awaitState(device, DeviceState.FREE);
        assertThat(HostCommand.of("cmp", "-n", Long.toString(GIB), lun.toString(), "/dev/zero")
                        .timeout(Duration.ofMinutes(2))
                        .run()
                        .succeeded())
                .isTrue();
        devices.retire(BERTH, profile, device.id());
        patiently().until(() -> !secretOnHost());
        assertThatThrownBy(() -> secrets.keep(BERTH, profile.slug(), target.secret))
                .hasMessageContaining("retired");
    }

    private boolean secretOnHost() {
        return Virsh.run("secret-list").contains(profile.id().toString());
    }

    /** The secret is in no place where somebody could read it: the log, the database, the worker's files, an answer. */
    private void nobodyTells(UUID machine) throws IOException {
        assertThat(log.text()).contains("storage-profile.secret").doesNotContain(target.secret);
        assertThat(everyText.ofDatabase())
                .contains("storage-profile.secret", "iqn.2026-01.dev.berth:test")
                .doesNotContain(target.secret);
        assertThat(HostCommand.of("grep", "-r", "-l", "-F", target.secret, WorkerProfile.DIRECTORY + "/worker")
                        .run()
                        .output())
                .isEmpty();
        assertThat(Virsh.run("dumpxml", machine.toString())).doesNotContain(target.secret);
        assertThat(Virsh.run("secret-dumpxml", profile.id().toString())).doesNotContain(target.secret);
        assertThat(machines.timeline(BERTH, machine).toString()).doesNotContain(target.secret);
        String slug = profile.slug();
        users.create("admin-" + slug, "Admin", true, "berth");
        for (String path : List.of(
                "storage-profiles",
                "storage-profiles/" + slug,
                "storage-profiles/" + slug + "/devices",
                "machines/" + machine,
                "machines/" + machine + "/events",
                "machines/" + machine + "/disks",
                "audit?limit=100",
                "jobs")) {
            assertThat(RestAssured.given()
                            .auth()
                            .preemptive()
                            .basic("admin-" + slug, "berth")
                            .get("/api/v1/" + path)
                            .then()
                            .statusCode(200)
                            .extract()
                            .asString())
                    .as(path)
                    .doesNotContain(target.secret);
        }
    }

    private void awaitState(Device device, DeviceState state) {
        patiently().untilAsserted(() -> assertThat(
                        devices.get(BERTH, profile, device.id()).state())
                .isEqualTo(state));
    }

    private static ConditionFactory patiently() {
        return Awaitility.await().atMost(Duration.ofMinutes(3)).pollInterval(Duration.ofMillis(500));
    }

    private UUID request() {
        String tag = world.tag();
        String slug = profile.slug();
        templates.create(BERTH, slug, "On LUNs " + slug, "", new Policy(2, 1_024, 10, 48, 720));
        templates.revise(BERTH, slug, new Templates.RevisionDraft(tag, List.of(tag), List.of(tag), List.of(slug), ""));
        templates.setState(BERTH, slug, 1, RevisionState.APPROVED);
        return requests.create(
                        world.alice(), tag, new Ask(slug, tag, "on-lun", tag, slug, List.of(), "", 24, "test"), null)
                .machineId();
    }
}
