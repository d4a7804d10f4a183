package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Templates;
import dev.berth.hypervisor.Lab;
import dev.berth.machines.MachineState;
import dev.berth.requests.Ask;
import dev.berth.requests.Requests;
import dev.berth.security.Caller;
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
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A machine whose card libvirt can't put into its VLAN: Berth does, whoever starts it. */
@QuarkusTest
@TestProfile(WorkerProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class VlanTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @Inject
    World world;

    @Inject
    NetworkProfiles networks;

    @Inject
    Templates templates;

    @Inject
    Requests requests;

    @Test
    void plugsACardInWhoeverStartsItsMachine() {
        try (Lab lab = new Lab()) {
            String bridge = lab.bridge();
            Assumptions.assumeTrue(Lab.filterVlans(bridge), "this kernel's bridges can't filter VLANs");
            UUID id = request(bridge);
            world.await(id, MachineState.RUNNING);
            awaitVlan(id);

            Virsh.run("destroy", id.toString());
            world.await(id, MachineState.STOPPED);
            Virsh.run("start", id.toString());
            awaitVlan(id);
            world.await(id, MachineState.RUNNING);
            world.delete(id);
        }
    }

    private UUID request(String bridge) {
        world.make(WorkerProfile.DIRECTORY);
        String tag = world.tag();
        String slug = tag + "-vlan";
        Caller berth = Caller.system("test");
        networks.create(
                berth,
                slug,
                "Test",
                "",
                "bridge",
                Map.of("bridge", bridge, "vlan", "42", "macStart", "52:54:00:00:00:00", "macEnd", "52:54:00:ff:ff:ff"));
        int revision = templates
                .revise(
                        berth,
                        tag,
                        new Templates.RevisionDraft(tag, List.of(tag), List.of(tag, slug), List.of(tag), ""))
                .number();
        templates.setState(berth, tag, revision, RevisionState.APPROVED);
        return requests.create(
                        world.alice(), tag, new Ask(tag, tag, "vlan", slug, tag, List.of(), "", 24, "test"), null)
                .machineId();
    }

    private static void awaitVlan(UUID id) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            String card = Virsh.run("domiflist", id.toString()).strip();
            String device = card.split(" +", -1)[0];
            assertThat(Virsh.run("domif-getlink", id.toString(), device)).endsWith("up");
            assertThat(Lab.must("bridge", "vlan", "show", "dev", device))
                    .contains("42 PVID Egress Untagged")
                    .doesNotContain(" 1 ");
        });
    }
}
