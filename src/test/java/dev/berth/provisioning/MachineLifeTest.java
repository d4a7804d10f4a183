package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.catalog.StorageProfiles;
import dev.berth.machines.BootTest;
import dev.berth.machines.BootTests;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineState;
import dev.berth.machines.Machines;
import dev.berth.machines.Restart;
import dev.berth.machines.StorageSpeeds;
import dev.berth.machines.TimelineEntry;
import dev.berth.security.Caller;
import dev.berth.tenancy.Resource;
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
import java.io.UncheckedIOException;
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

/** A machine's life on a real libvirt, and what happens to it behind Berth's back. */
@QuarkusTest
@TestProfile(WorkerProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class MachineLifeTest {
    private static String network;

    @Inject
    World world;

    @Inject
    Machines machines;

    private final List<UUID> made = new ArrayList<>();

    @BeforeEach
    void make() {
        world.make(WorkerProfile.DIRECTORY);
        network = "berth-" + world.tag();
    }

    @AfterEach
    void nothingIsLeft() {
        made.forEach(id -> {
            if (world.machine(id).goneAt() == null) {
                world.delete(id);
            }
        });
        assertThat(Virsh.domains())
                .doesNotContainAnyElementsOf(made.stream().map(UUID::toString).toList());
        assertThat(files()).noneMatch(file -> made.stream().anyMatch(id -> file.contains(id.toString())));
        assertThat(Virsh.run("net-dumpxml", network)).doesNotContain("<host mac='52:54");
        assertThat(world.used().values()).containsOnly(0L);
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
    void runsStopsStartsAndGoes() {
        UUID id = request("life");
        Machine running = world.awaitMachine(id, machine -> machine.address() != null);
        assertThat(running.state()).isEqualTo(MachineState.RUNNING);
        assertThat(Virsh.run("domstate", id.toString())).isEqualTo("running");
        assertThat(Virsh.run("net-dhcp-leases", network)).contains(running.address());
        assertThat(world.used()).containsEntry(Resource.MACHINES, 1L).containsEntry(Resource.MEMORY_MIB, 96L);
        assertThat(machines.timeline(world.alice(), id))
                .hasSize(Step.TO_RUNNING.size() + 1)
                .allMatch(entry -> entry.state() == TimelineEntry.State.DONE);

        machines.restart(world.alice(), id, Restart.RESET);
        world.await(id, MachineState.RUNNING);

        machines.stop(world.alice(), id, false);
        world.await(id, MachineState.STOPPED);
        assertThat(Virsh.run("domstate", id.toString())).isEqualTo("shut off");

        machines.start(world.alice(), id);
        world.await(id, MachineState.RUNNING);
        machines.stop(world.alice(), id, true);
        world.await(id, MachineState.STOPPED);

        world.delete(id);
        assertThat(world.machine(id).goneAt()).isNotNull();
    }

    @Inject
    BootTests bootTests;

    @Inject
    StorageProfiles storage;

    @Inject
    StorageSpeeds speeds;

    /** A revision is tried with a real guest; the sweep sees it come up, has its disk measured, and takes it away. */
    @Test
    void aBootTestEndsByItself() {
        Caller admin = new Caller(world.alice().userId(), world.alice().username(), true, Map.of(), "test");
        BootTest begun =
                bootTests.start(admin, world.tag(), 1, new BootTests.Wish(world.tag(), "", "", "", false, true));
        made.add(begun.machineId());
        BootTest ended = await().atMost(Duration.ofMinutes(3))
                .until(() -> bootTests.list(admin, begun.revisionId()).get(0), test -> !test.running());
        assertThat(ended.state()).as(ended.words()).isEqualTo(BootTest.State.PASSED);
        assertThat(ended.words()).contains("Its guest was seen at ", "Inside it, its disk writes ");
        UUID profile = storage.get(admin, world.tag()).id();
        assertThat(speeds.of(profile)).singleElement().satisfies(speed -> {
            assertThat(speed.known()).isFalse();
            assertThat(speed.template()).isEqualTo(world.tag());
            assertThat(speed.inside().writeBytes()).isPositive();
            assertThat(speed.inside().readBytes()).isPositive();
        });
        world.await(begun.machineId(), MachineState.GONE);
    }

    @Test
    void believesWhatIsDoneWithVirsh() {
        UUID id = request("behind");
        world.awaitMachine(id, machine -> machine.address() != null);

        Virsh.run("destroy", id.toString());
        world.await(id, MachineState.STOPPED);
        Virsh.run("start", id.toString());
        world.await(id, MachineState.RUNNING);

        Virsh.run("destroy", id.toString());
        world.await(id, MachineState.STOPPED);
        Virsh.run("undefine", id.toString());
        Machine failed = world.await(id, MachineState.FAILED);
        assertThat(failed.failureCode()).isEqualTo("domain-missing");
        machines.retry(world.alice(), id);
        world.await(id, MachineState.STOPPED);
        assertThat(Virsh.run("domstate", id.toString())).isEqualTo("shut off");
        machines.start(world.alice(), id);
        world.await(id, MachineState.RUNNING);
    }

    @Test
    void saysThatADiskIsGone() {
        UUID id = request("nodisk");
        world.await(id, MachineState.RUNNING);
        machines.stop(world.alice(), id, true);
        world.await(id, MachineState.STOPPED);
        Virsh.run("vol-delete", "--pool", network, id + ".qcow2");
        Virsh.run("pool-refresh", network);
        Machine failed = world.await(id, MachineState.FAILED);
        assertThat(failed.failureCode()).isEqualTo("disk-missing");
        machines.start(world.alice(), id);
        Machine again = world.awaitMachine(id, machine -> machine.failureCode().equals("missing"));
        assertThat(again.failure()).contains("disk");
        assertThat(files()).as("no empty disk in its place").noneMatch(file -> file.contains(id + ".qcow2"));
    }

    @Test
    void failsWithASentenceAndKeepsTheQuotaUntilDeleted() throws IOException {
        Path image = WorkerProfile.DIRECTORY.resolve("images").resolve(world.imageId() + ".qcow2");
        Path aside = image.resolveSibling("aside");
        Files.move(image, aside);
        try {
            UUID id = request("noimage");
            Machine failed = world.await(id, MachineState.FAILED);
            assertThat(failed.failure()).isNotBlank().doesNotContain("/").doesNotContain("Exception");
            assertThat(world.used()).containsEntry(Resource.MACHINES, 1L);
            Files.move(aside, image);
            machines.retry(world.alice(), id);
            world.await(id, MachineState.RUNNING);
        } finally {
            if (Files.exists(aside)) {
                Files.move(aside, image);
            }
        }
    }

    @Test
    void deletesAMachineThatIsStillBeingMade() {
        UUID id = request("early");
        machines.delete(world.alice(), id);
        await().atMost(Duration.ofMinutes(1)).until(() -> world.machine(id).goneAt() != null);
    }

    private UUID request(String name) {
        UUID id = world.request(name);
        made.add(id);
        return id;
    }

    private static List<String> files() {
        try (var files = Files.walk(WorkerProfile.DIRECTORY)) {
            return files.map(file -> WorkerProfile.DIRECTORY.relativize(file).toString())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
