package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Templates;
import dev.berth.machines.MachineState;
import dev.berth.machines.Observations;
import dev.berth.requests.Ask;
import dev.berth.requests.MachineRequests;
import dev.berth.security.Caller;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.UnpluggedNetwork;
import dev.berth.testing.Virsh;
import dev.berth.testing.WorkerProfile;
import dev.berth.testing.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A machine with a card that libvirt leaves unplugged: Berth plugs it in, whoever starts the machine. */
@QuarkusTest
@TestProfile(PlugTest.Profile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class PlugTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static String pool;

    /** The worker of the other tests with one more kind of network. */
    public static class Profile extends WorkerProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            Map<String, String> settings = new HashMap<>(super.getConfigOverrides());
            settings.put(UnpluggedNetwork.BUILT_IN, "true");
            return settings;
        }
    }

    @Inject
    World world;

    @Inject
    Observations observations;

    @Inject
    NetworkProfiles networks;

    @Inject
    Templates templates;

    @Inject
    MachineRequests requests;

    @AfterAll
    static void takeAwayThePool() {
        Virsh.run("pool-destroy", pool);
        Virsh.run("pool-undefine", pool);
    }

    @Test
    void plugsACardInWhoeverStartsItsMachine() {
        UUID id = request();
        try {
            // It has an address, so its link is up.
            world.awaitMachine(id, machine -> machine.address() != null);
            // A worker that is still at it would start again what is stopped behind its back.
            await().atMost(PATIENCE).until(() -> settled(id));
            startAgain(id);
        } finally {
            world.delete(id);
        }
    }

    private boolean settled(UUID id) {
        return observations.rows("local").stream().anyMatch(row -> row.id().equals(id) && row.settled());
    }

    private void startAgain(UUID id) {
        assertThat(link(id)).isEqualTo("up");

        Virsh.run("destroy", id.toString());
        world.await(id, MachineState.STOPPED);
        Virsh.run("start", id.toString());
        await().atMost(PATIENCE).until(() -> link(id).equals("up"));

        // Nothing but the sweep finds out about this.
        Virsh.run("domif-setlink", id.toString(), mac(id), "down");
        await().atMost(PATIENCE).until(() -> link(id).equals("up"));
    }

    private UUID request() {
        world.make(WorkerProfile.DIRECTORY);
        String tag = world.tag();
        String slug = tag + "-unplugged";
        pool = "berth-" + tag;
        Caller berth = Caller.system("test");
        networks.create(berth, slug, "Test", "", "unplugged", Map.of());
        int revision = templates
                .revise(
                        berth,
                        tag,
                        new Templates.RevisionDraft(tag, List.of(tag), List.of(tag, slug), List.of(tag), ""))
                .number();
        templates.setState(berth, tag, revision, RevisionState.APPROVED);
        return requests.create(
                        world.alice(), tag, new Ask(tag, tag, "plug", slug, tag, List.of(), "", 24, "test"), null)
                .machineId();
    }

    private static String link(UUID id) {
        String answer = Virsh.run("domif-getlink", id.toString(), mac(id));
        return answer.substring(answer.lastIndexOf(' ') + 1);
    }

    private static String mac(UUID id) {
        String list = Virsh.run("domiflist", id.toString()).strip();
        return list.substring(list.lastIndexOf(' ') + 1);
    }
}
