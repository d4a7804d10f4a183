package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.hypervisor.BlockSource;
import dev.berth.hypervisor.QemuImg;
import dev.berth.machines.Disks;
import dev.berth.machines.MachineState;
import dev.berth.machines.MachineStatus;
import dev.berth.machines.Machines;
import dev.berth.machines.Snapshot;
import dev.berth.machines.Snapshots;
import dev.berth.requests.Ask;
import dev.berth.requests.MachineRequests;
import dev.berth.tenancy.Resource;
import dev.berth.testing.Agent;
import dev.berth.testing.Nft;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.Virsh;
import dev.berth.testing.WorkerProfile;
import dev.berth.testing.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Snapshots from the service call to a guest that finds its files as they were, and to a clone that has them too. */
@QuarkusTest
@TestProfile(WorkerProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class SnapshotsLiveTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static String network;

    @Inject
    World world;

    @Inject
    Machines machines;

    @Inject
    MachineStatus status;

    @Inject
    Snapshots snapshots;

    @Inject
    MachineRequests requests;

    @Inject
    Disks disks;

    private final List<UUID> made = new ArrayList<>();
    private Map<Resource, Long> before;

    @BeforeEach
    void make() {
        world.make(WorkerProfile.DIRECTORY);
        network = "berth-" + world.tag();
        before = world.used();
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        // The clone before its origin, which it may still hold.
        for (int last = made.size() - 1; last >= 0; last--) {
            world.delete(made.get(last));
        }
        assertThat(Virsh.domains())
                .doesNotContainAnyElementsOf(made.stream().map(UUID::toString).toList());
        try (var files = Files.list(WorkerProfile.DIRECTORY.resolve("disks"))) {
            assertThat(files.map(file -> file.getFileName().toString().replaceFirst("\\..*", "")))
                    .doesNotContainAnyElementsOf(
                            made.stream().map(UUID::toString).toList());
        }
        assertThat(world.used()).isEqualTo(before);
        assertThat(world.drift()).isEmpty();
    }

    @AfterAll
    static void takeAwayTheNetwork() {
        Nft.remove(Nft.ofNetwork(network));
        Virsh.run("net-destroy", network);
        Virsh.run("net-undefine", network);
        Virsh.run("pool-destroy", network);
        Virsh.run("pool-undefine", network);
    }

    @Test
    void aGuestGoesBackAndAnotherStartsFromThere() {
        UUID id = world.request("origin");
        made.add(id);
        awaitGuest(id);
        Agent.run(id, "echo A >/root-a");
        Snapshot taken = take(id, "before");
        assertThat(taken.frozen()).as("the guest's agent kept it still").isTrue();
        assertThat(taken.sizeBytes()).isPositive();
        assertThat(taken.disks()).extracting(Snapshot.Part::target).containsExactly("vda");
        assertThat(world.machine(id).state()).isEqualTo(MachineState.RUNNING);
        assertThat(world.used()).containsEntry(Resource.SNAPSHOTS, 1L);
        Agent.run(id, "echo B >/root-b; sync");

        UUID clone = requests.createClone(
                        world.alice(),
                        id,
                        taken.id(),
                        new Ask("", world.tag(), "copy", world.tag(), world.tag(), List.of(), "", 24, ""),
                        null)
                .machineId();
        made.add(clone);
        assertThatThrownBy(() -> snapshots.revert(world.alice(), id, taken.id(), false))
                .hasMessageContaining("The machine is on");
        snapshots.revert(world.alice(), id, taken.id(), true);
        awaitReady(id, taken.id());
        awaitGuest(id);
        assertThat(Agent.run(id, "cat /root-*; hostname")).isEqualTo("A\norigin\n");
        awaitGuest(clone);
        assertThat(Agent.run(clone, "cat /root-*; hostname")).isEqualTo("A\ncopy\n");
        assertThat(machines.disks(world.alice(), clone)).hasSize(1);

        snapshots.delete(world.alice(), id, taken.id());
        await().atMost(PATIENCE).until(() -> snapshots.list(world.alice(), id).isEmpty());
        assertThat(world.used()).containsEntry(Resource.SNAPSHOTS, 0L);

        machines.stop(world.alice(), id, true);
        world.await(id, MachineState.STOPPED);
        Snapshot off = take(id, "off");
        assertThat(off.frozen()).isFalse();
        snapshots.revert(world.alice(), id, off.id(), false);
        awaitReady(id, off.id());
        assertThat(world.machine(id).state()).isEqualTo(MachineState.STOPPED);
        aDiskThatIsKeptLosesItsMachinesSnapshots(id);
    }

    private void aDiskThatIsKeptLosesItsMachinesSnapshots(UUID id) {
        String name = "kept-" + world.tag();
        UUID data = disks.add(world.alice(), id, new Disks.Wish(world.tag(), 1, name), UUID.randomUUID())
                .id();
        await().atMost(PATIENCE).until(() -> status.unsettledHost(id).isEmpty());
        Path file = Path.of(Virsh.run("domblklist", "--inactive", id.toString())
                .lines()
                .filter(line -> line.strip().startsWith("vdb"))
                .map(line -> line.strip().split("\\s+")[1])
                .findFirst()
                .orElseThrow());
        Snapshot both = take(id, "both");
        assertThat(both.disks()).hasSize(2);
        assertThat(QemuImg.snapshots(new BlockSource("qcow2", file.toString()))).hasSize(1);

        world.delete(id);
        made.remove(id);
        assertThat(QemuImg.snapshots(new BlockSource("qcow2", file.toString()))).isEmpty();
        assertThat(snapshots.keeping(data)).isEmpty();
        assertThat(world.used())
                .containsEntry(Resource.SNAPSHOTS, before.get(Resource.SNAPSHOTS))
                .containsEntry(Resource.DISK_GIB, before.get(Resource.DISK_GIB) + 2);
        assertThat(disks.grow(world.alice(), data, 2).sizeGib())
                .as("nothing keeps it")
                .isEqualTo(2);
        disks.delete(world.alice(), data);
        await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> assertThatThrownBy(
                        () -> disks.get(world.alice(), data))
                .hasMessageContaining("no such disk"));
        assertThat(file).doesNotExist();
    }

    private Snapshot take(UUID id, String name) {
        return awaitReady(
                id, snapshots.take(world.alice(), id, name, UUID.randomUUID()).id());
    }

    private Snapshot awaitReady(UUID id, UUID snapshot) {
        Snapshot ready = await().atMost(PATIENCE)
                .until(() -> snapshots.get(world.alice(), id, snapshot), found -> !found.state()
                        .changing());
        assertThat(ready.state()).as(ready.note()).isEqualTo(Snapshot.State.READY);
        await().atMost(PATIENCE).until(() -> status.unsettledHost(id).isEmpty());
        return ready;
    }

    private void awaitGuest(UUID id) {
        world.await(id, MachineState.RUNNING);
        Agent.await(id);
        // The start script has said who it is by the time that it asked for its address.
        world.awaitMachine(id, machine -> machine.address() != null);
        await().atMost(PATIENCE).until(() -> status.unsettledHost(id).isEmpty());
    }
}
