package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Sizes;
import dev.berth.catalog.Templates;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineState;
import dev.berth.machines.Machines;
import dev.berth.machines.Resizes;
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
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real guest keeps its size until it starts anew, and its disk grows at once. */
@QuarkusTest
@TestProfile(WorkerProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class ResizeLiveTest {
    private static final Caller BERTH = Caller.system("test");
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @Inject
    World world;

    @Inject
    Sizes sizes;

    @Inject
    Templates templates;

    @Inject
    Machines machines;

    @Inject
    Resizes resizes;

    private UUID id;

    @AfterEach
    void nothingIsLeft() {
        try {
            if (id != null) {
                world.delete(id);
            }
            assertThat(world.used())
                    .allSatisfy((resource, used) ->
                            assertThat(used).as(resource.label()).isZero());
            assertThat(world.drift()).isEmpty();
        } finally {
            world.takeAway();
        }
    }

    @Test
    void aGuestSeesItsNewSizeAfterARestart() {
        world.make(WorkerProfile.DIRECTORY);
        String large = world.tag() + "-large";
        if (sizes.list().stream().noneMatch(size -> size.slug().equals(large))) {
            sizes.create(BERTH, large, "Large", 2, 128, 2);
        }
        String template = world.tag() + "-sizes";
        templates.create(
                BERTH, template, "Sizes", "", templates.get(BERTH, world.tag()).policy());
        templates.revise(
                BERTH,
                template,
                new Templates.RevisionDraft(
                        world.tag(), List.of(world.tag(), large), List.of(world.tag()), List.of(world.tag()), ""));
        templates.setState(BERTH, template, 1, RevisionState.APPROVED);
        id = world.requestFrom(template, "resized");
        world.await(id, MachineState.RUNNING);
        Agent.await(id);

        resizes.resize(world.alice(), id, large, false, null);
        await().atMost(PATIENCE).until(() -> definition("--inactive").contains(">" + 128 * 1024 + "</memory>"));
        await("the guest to see the larger disk")
                .atMost(PATIENCE)
                .until(() -> Agent.run(id, "cat /sys/block/vda/size").strip().equals(String.valueOf(2L << 21)));
        assertThat(definition()).contains(">" + 96 * 1024 + "</memory>");
        assertThat(world.machine(id).former().memoryMib()).isEqualTo(96);
        assertThat(world.used())
                .containsEntry(Resource.VCPUS, 2L)
                .containsEntry(Resource.MEMORY_MIB, 128L)
                .containsEntry(Resource.DISK_GIB, 2L);

        resizes.restart(world.alice(), id);
        Machine now =
                world.awaitMachine(id, machine -> machine.state() == MachineState.RUNNING && machine.former() == null);
        assertThat(now.memoryMib()).isEqualTo(128);
        assertThat(definition()).contains(">" + 128 * 1024 + "</memory>");
        Agent.await(id);
        assertThat(Agent.run(id, "grep -c ^processor /proc/cpuinfo").strip()).isEqualTo("2");

        machines.stop(world.alice(), id, true);
        world.await(id, MachineState.STOPPED);
        resizes.resize(world.alice(), id, world.tag(), false, null);
        await().atMost(PATIENCE)
                .until(() -> world.used().get(Resource.MEMORY_MIB) == 96
                        && world.used().get(Resource.VCPUS) == 1);
        assertThat(definition("--inactive")).contains(">" + 96 * 1024 + "</memory>");
        assertThat(world.machine(id).diskGib()).as("never shrinks").isEqualTo(2);
    }

    private String definition(String... how) {
        List<String> command = new java.util.ArrayList<>(List.of("dumpxml", id.toString()));
        command.addAll(List.of(how));
        return Virsh.run(command.toArray(String[]::new));
    }
}
