package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.catalog.Policy;
import dev.berth.catalog.Profile;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Templates;
import dev.berth.fleet.Hosts;
import dev.berth.machines.Device;
import dev.berth.machines.DeviceState;
import dev.berth.machines.Devices;
import dev.berth.machines.MachineState;
import dev.berth.requests.Ask;
import dev.berth.requests.MachineRequests;
import dev.berth.security.Caller;
import dev.berth.testing.LoopDevice;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.Virsh;
import dev.berth.testing.WorkerProfile;
import dev.berth.testing.World;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A device's way through a whole Berth: registered, agreed to, handed out, wiped, and free again. */
@QuarkusTest
@TestProfile(WorkerProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class DevicesLiveTest {
    private static final Caller BERTH = Caller.system("test");
    private static final long GIB = 1L << 30;

    @Inject
    World world;

    @Inject
    StorageProfiles storage;

    @Inject
    Templates templates;

    @Inject
    MachineRequests requests;

    @Inject
    Devices devices;

    @Inject
    Hosts hosts;

    @Inject
    HostChecks checks;

    @Inject
    EntityManager database;

    private LoopDevice loop;

    @BeforeEach
    void make() throws IOException {
        world.make(WorkerProfile.DIRECTORY);
        loop = LoopDevice.make(GIB + (16 << 20));
    }

    @AfterEach
    void detach() throws IOException {
        loop.close();
        world.takeAway();
        assertThat(world.drift()).isEmpty();
    }

    @Test
    void isHandedOutAndComesBackEmpty() {
        LoopDevice.must("mkfs.ext4", "-q", "-F", loop.path());
        String slug = world.tag() + "-dev";
        Profile profile = storage.create(BERTH, slug, "Devices", "", "block", Map.of());
        Device device = devices.register(BERTH, profile, hosts.list().get(0).name(), loop.path());
        Device refused = await(profile, device, one -> one.state() == DeviceState.REFUSED);
        assertThat(refused.reason()).contains("ext4");
        devices.agree(BERTH, profile, device.id(), refused.name());
        Device free = await(profile, device, one -> one.state() == DeviceState.FREE);
        assertThat(free.sizeBytes()).isEqualTo(GIB + (16 << 20));

        UUID machine = request(slug);
        world.await(machine, MachineState.RUNNING);
        assertThat(Virsh.run("dumpxml", machine.toString())).contains("<source dev='" + loop.path() + "'");
        assertThat(devices.get(BERTH, profile, device.id()).machineId()).isEqualTo(machine);

        world.delete(machine);
        await(profile, device, one -> one.state() == DeviceState.FREE);
        assertThat(LoopDevice.must("wipefs", "--no-act", loop.path())).isEmpty();

        // A worker died while it wiped what an admin agreed to, and the profile was retired: the next one finishes it.
        LoopDevice.must("mkfs.ext4", "-q", "-F", loop.path());
        storage.retire(BERTH, slug);
        interrupted(device.id());
        checks.all(hosts.list().get(0).name());
        await(profile, device, one -> one.state() == DeviceState.FREE);
        assertThat(LoopDevice.must("wipefs", "--no-act", loop.path())).isEmpty();
        devices.retire(BERTH, profile, device.id());
    }

    private void interrupted(UUID device) {
        QuarkusTransaction.requiringNew().run(() -> database.createNativeQuery(
                        "update device set state = 'WIPING', version = version + 1 where id = :id")
                .setParameter("id", device)
                .executeUpdate());
    }

    private Device await(Profile profile, Device device, Predicate<Device> condition) {
        return Awaitility.await()
                .atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> devices.get(BERTH, profile, device.id()), condition);
    }

    private UUID request(String slug) {
        String tag = world.tag();
        templates.create(BERTH, slug, "On devices " + slug, "", new Policy(2, 1_024, 10, 48, 720));
        templates.revise(BERTH, slug, new Templates.RevisionDraft(tag, List.of(tag), List.of(tag), List.of(slug), ""));
        templates.setState(BERTH, slug, 1, RevisionState.APPROVED);
        return requests.create(
                        world.alice(), tag, new Ask(slug, tag, "on-device", tag, slug, List.of(), "", 24, "test"), null)
                .machineId();
    }
}
