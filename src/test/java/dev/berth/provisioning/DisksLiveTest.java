package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.catalog.Profile;
import dev.berth.catalog.ProfileDraft;
import dev.berth.catalog.StorageProfiles;
import dev.berth.machines.Disk;
import dev.berth.machines.Disks;
import dev.berth.machines.MachineState;
import dev.berth.machines.Machines;
import dev.berth.security.Caller;
import dev.berth.tenancy.Resource;
import dev.berth.testing.Agent;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.Virsh;
import dev.berth.testing.WorkerProfile;
import dev.berth.testing.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Disks that come, grow and go while a real guest runs; what is on them stays as long as they do. */
@QuarkusTest
@TestProfile(WorkerProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class DisksLiveTest {
    private static final Caller BERTH = Caller.system("test");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String MARKER = "a-marker-of-the-tests";

    @Inject
    World world;

    @Inject
    Machines machines;

    @Inject
    Disks disks;

    @Inject
    StorageProfiles storage;

    private final List<UUID> made = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() {
        made.forEach(world::delete);
        disks.list(BERTH, world.tenant().id(), new Disks.Filter(null, ""), 100, null)
                .items()
                .forEach(disk -> disks.delete(BERTH, disk.id()));
        await().atMost(PATIENCE)
                .until(() -> disks.list(BERTH, world.tenant().id(), new Disks.Filter(null, ""), 100, null)
                        .items()
                        .isEmpty());
        assertThat(volumes()).isEmpty();
        world.takeAway();
        assertThat(world.used())
                .allSatisfy((resource, used) ->
                        assertThat(used).as(resource.label()).isZero());
        assertThat(world.drift()).isEmpty();
    }

    @Test
    void aDiskComesGrowsTravelsAndGoesWhileTheGuestRuns() {
        world.make(WorkerProfile.DIRECTORY);
        UUID id = world.request("disks");
        made.add(id);
        world.await(id, MachineState.RUNNING);
        Agent.await(id);

        Disk added = disks.add(world.alice(), id, new Disks.Wish(world.tag(), 1, "data"), UUID.randomUUID());
        awaitState(added.id(), Disk.State.ATTACHED);
        assertThat(definition(id)).contains(added.serial());
        String device = awaitDevice(id, added.serial());
        Agent.run(id, "echo " + MARKER + " >/tmp/m; dd if=/tmp/m of=/dev/" + device + " conv=fsync,notrunc");

        disks.grow(world.alice(), added.id(), 2);
        awaitState(added.id(), Disk.State.ATTACHED);
        awaitSize(id, device, 2);
        UUID system = disks.list(world.alice(), id).get(0).id();
        disks.grow(world.alice(), system, 2);
        awaitState(system, Disk.State.ATTACHED);
        awaitSize(id, "vda", 2);
        assertThat(world.machine(id).diskGib()).isEqualTo(2);
        assertThat(world.used()).containsEntry(Resource.DISK_GIB, 4L);

        limitReads("500");
        await().atMost(PATIENCE).until(() -> domain(id).contains("<read_iops_sec>500</read_iops_sec>"));
        limitReads("");
        await().atMost(PATIENCE).until(() -> !domain(id).contains("iotune"));
        awaitState(added.id(), Disk.State.ATTACHED);

        disks.detach(world.alice(), added.id());
        awaitState(added.id(), Disk.State.DETACHED);
        assertThat(domain(id)).doesNotContain(added.serial());
        assertThat(definition(id)).doesNotContain(added.serial());
        assertThat(Agent.run(id, "cat /sys/block/vd*/serial")).doesNotContain(added.serial());
        disks.grow(world.alice(), added.id(), 3);
        awaitState(added.id(), Disk.State.DETACHED);

        disks.attach(world.alice(), added.id(), id);
        awaitState(added.id(), Disk.State.ATTACHED);
        String again = awaitDevice(id, added.serial());
        assertThat(Agent.run(id, "head -c " + MARKER.length() + " /dev/" + again))
                .isEqualTo(MARKER);
        awaitSize(id, again, 3);

        disks.delete(world.alice(), added.id());
        await().atMost(PATIENCE).until(() -> disks.list(world.alice(), id).size() == 1);
        await().atMost(PATIENCE).until(() -> volumes().size() == 1);
        await().atMost(PATIENCE).until(() -> world.used().get(Resource.DISK_GIB) == 2);
        assertThat(world.machine(id).state()).isEqualTo(MachineState.RUNNING);

        machines.stop(world.alice(), id, true);
        world.await(id, MachineState.STOPPED);
        Disk kept = disks.add(world.alice(), id, new Disks.Wish(world.tag(), 1, "kept"), UUID.randomUUID());
        awaitState(kept.id(), Disk.State.ATTACHED);
        assertThat(definition(id)).contains(kept.serial());
        world.delete(id);
        made.clear();
        awaitState(kept.id(), Disk.State.DETACHED);
        assertThat(volumes()).hasSize(1);
        assertThat(world.used()).containsEntry(Resource.DISK_GIB, 1L);
        assertThat(disks.get(world.alice(), kept.id()).note()).isEmpty();
        Virsh.run(
                "vol-delete",
                "--pool",
                "berth-" + world.tag(),
                volumes().get(0).strip().split("\\s+", 2)[0]);
        await().atMost(PATIENCE)
                .until(() -> disks.get(world.alice(), kept.id()).note().contains("removed on its host"));
    }

    /** The worker is done with it. */
    private void awaitState(UUID disk, Disk.State state) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            Disk now = disks.get(world.alice(), disk);
            assertThat(now.state()).as(now.note()).isEqualTo(state);
        });
    }

    private void limitReads(String perSecond) {
        Profile profile = storage.get(BERTH, world.tag());
        Map<String, String> config = new HashMap<>(profile.config());
        config.remove("readIops");
        if (!perSecond.isEmpty()) {
            config.put("readIops", perSecond);
        }
        storage.update(
                BERTH,
                profile.slug(),
                null,
                new ProfileDraft(profile.name(), profile.description(), config, profile.tenants()));
    }

    /** The disk's name in the guest, once that has seen it. */
    private static String awaitDevice(UUID id, String serial) {
        return await("the guest to see " + serial)
                .atMost(PATIENCE)
                .until(
                        () -> Agent.run(id, "grep -l " + serial + " /sys/block/vd*/serial")
                                .replaceAll("(?s).*/sys/block/(vd[a-z]+)/serial.*", "$1")
                                .strip(),
                        device -> device.startsWith("vd"));
    }

    private static void awaitSize(UUID id, String device, long gib) {
        await("the guest to see " + gib + " GiB").atMost(PATIENCE).until(() -> Agent.run(
                        id, "cat /sys/block/" + device + "/size")
                .strip()
                .equals(String.valueOf(gib << 21)));
    }

    private List<String> volumes() {
        return Stream.of(Virsh.run("vol-list", "berth-" + world.tag()).split("\n", -1))
                .filter(line -> line.contains(".qcow2"))
                .toList();
    }

    private static String domain(UUID id) {
        return Virsh.run("dumpxml", id.toString());
    }

    private static String definition(UUID id) {
        return Virsh.run("dumpxml", "--inactive", id.toString());
    }
}
