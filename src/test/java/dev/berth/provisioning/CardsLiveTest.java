package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.catalog.Images;
import dev.berth.catalog.Policy;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Templates;
import dev.berth.machines.Cards;
import dev.berth.machines.MacAddress;
import dev.berth.machines.MacAddresses;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineState;
import dev.berth.machines.MachineStatus;
import dev.berth.machines.Machines;
import dev.berth.machines.Nic;
import dev.berth.machines.Operation;
import dev.berth.machines.TimelineEntry;
import dev.berth.requests.Ask;
import dev.berth.requests.MachineRequests;
import dev.berth.security.Caller;
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
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Cards that come and go on a real libvirt, with a guest that works along and with one that does not. */
@QuarkusTest
@TestProfile(CardsLiveTest.Profile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class CardsLiveTest {
    private static final String STUBBORN = "stubborn.raw";
    private static final Caller BERTH = Caller.system("test");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static String network;

    /** The worker of the other tests with less patience, and a guest that stops its processor for good. */
    public static class Profile extends WorkerProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            Path images = DIRECTORY.resolve("import");
            try {
                Files.createDirectories(images);
                Files.copy(World.GUEST, images.resolve(World.GUEST.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                Files.write(images.resolve(STUBBORN), haltingDisk());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Map<String, String> settings = new HashMap<>(super.getConfigOverrides());
            settings.put("berth.library.import-directory", images.toString());
            settings.put("berth.provisioning.address-patience", "1s");
            settings.put("berth.provisioning.detach-patience", "2s");
            return settings;
        }

        /** A boot sector: no interrupts, halt, and should that end, again. */
        private static byte[] haltingDisk() {
            byte[] disk = new byte[1 << 20];
            byte[] code = {(byte) 0xFA, (byte) 0xF4, (byte) 0xEB, (byte) 0xFC};
            System.arraycopy(code, 0, disk, 0, code.length);
            disk[510] = 0x55;
            disk[511] = (byte) 0xAA;
            return disk;
        }
    }

    @Inject
    World world;

    @Inject
    Machines machines;

    @Inject
    MachineStatus status;

    @Inject
    Cards cards;

    @Inject
    MacAddresses macs;

    @Inject
    Images images;

    @Inject
    Templates templates;

    @Inject
    MachineRequests requests;

    private final List<UUID> made = new ArrayList<>();

    @BeforeEach
    void make() {
        world.make(WorkerProfile.DIRECTORY);
        network = "berth-" + world.tag();
        String stubborn = world.tag() + "-stubborn";
        if (templates.list(BERTH).stream().noneMatch(template -> template.slug().equals(stubborn))) {
            images.importFile(BERTH, new Images.Draft(stubborn, "", "raw"), STUBBORN);
            templates.create(BERTH, stubborn, stubborn, "", new Policy(2, 1_024, 10, 48, 720));
            String tag = world.tag();
            templates.revise(
                    BERTH,
                    stubborn,
                    new Templates.RevisionDraft(stubborn, List.of(tag), List.of(tag), List.of(tag), ""));
            templates.setState(BERTH, stubborn, 1, RevisionState.APPROVED);
        }
    }

    @AfterEach
    void nothingIsLeft() {
        made.forEach(world::delete);
        assertThat(Virsh.domains())
                .doesNotContainAnyElementsOf(made.stream().map(UUID::toString).toList());
        assertThat(Virsh.run("net-dumpxml", network)).doesNotContain("<host mac='52:54");
        assertThat(given()).as("MAC addresses in use").isEmpty();
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
    void aGuestGetsASecondCardUsesItAndLosesIt() {
        UUID id = world.request("two-cards");
        made.add(id);
        Machine running = world.awaitMachine(id, machine -> machine.address() != null);
        String first = cards.list(world.alice(), id).get(0).mac();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> guestCards(id).contains(first));

        Nic added = cards.add(world.alice(), id, world.tag(), UUID.randomUUID());
        awaitCard(id, added.id(), Nic.State.PRESENT, "");
        assertThat(domain(id)).contains(added.mac());
        assertThat(definition(id)).contains(added.mac());
        assertThat(Virsh.run("net-dumpxml", network)).contains(added.mac(), "ip='" + added.address() + "'");
        await().atMost(PATIENCE).until(() -> guestCards(id).contains(added.mac()));
        agent(id, "guest-exec", "{\"path\":\"/sbin/network\",\"arg\":[\"eth1\"]}");
        await().atMost(PATIENCE)
                .until(() -> added.address().equals(card(id, added.id()).seenAddress()));
        assertThat(world.machine(id).address()).as("the first card's").isEqualTo(running.address());
        assertThat(steps(id))
                .containsExactly(
                        Step.CARD_NETWORK.label(),
                        Step.CARD_ADDRESS.label(),
                        Step.CARD_DEFINE.label(),
                        Step.CARD_PLUG.label());

        cards.remove(world.alice(), id, added.id());
        await().atMost(PATIENCE).until(() -> cards.list(world.alice(), id).size() == 1);
        assertThat(domain(id)).contains(first).doesNotContain(added.mac());
        assertThat(definition(id)).contains(first).doesNotContain(added.mac());
        assertThat(Virsh.run("net-dumpxml", network)).contains(first).doesNotContain(added.mac());
        assertThat(guestCards(id)).contains(first).doesNotContain(added.mac());
        assertThat(given()).containsExactly(first);
        assertThat(steps(id))
                .containsExactly(Step.CARD_DEFINE.label(), Step.CARD_UNPLUG.label(), Step.CARD_RELEASE.label());
        assertThat(world.machine(id).state()).isEqualTo(MachineState.RUNNING);

        cards.remove(world.alice(), id, cards.list(world.alice(), id).get(0).id());
        world.awaitMachine(id, machine -> machine.address() == null);
        assertThat(cards.list(world.alice(), id)).isEmpty();
        assertThat(domain(id)).doesNotContain("<interface");
    }

    @Test
    void aGuestThatKeepsItsCardLosesItWhenItStops() {
        UUID id = stubborn("stubborn");
        Nic added = cards.add(world.alice(), id, world.tag(), UUID.randomUUID());
        awaitCard(id, added.id(), Nic.State.PRESENT, "");
        assertThat(domain(id)).contains(added.mac());

        cards.remove(world.alice(), id, added.id());
        awaitCard(
                id,
                added.id(),
                Nic.State.REMOVING,
                "The guest still holds this card; it goes when the machine next stops.");
        await().atMost(PATIENCE).until(() -> status.unsettledHost(id).isEmpty());
        assertThat(world.machine(id).state()).isEqualTo(MachineState.RUNNING);
        assertThat(domain(id)).contains(added.mac());
        assertThat(definition(id)).doesNotContain(added.mac());
        assertThat(given()).contains(added.mac());

        Virsh.run("destroy", id.toString());
        await().atMost(PATIENCE).until(() -> cards.list(world.alice(), id).size() == 1);
        assertThat(Virsh.run("net-dumpxml", network)).doesNotContain(added.mac());
        assertThat(given()).doesNotContain(added.mac());
        world.await(id, MachineState.STOPPED);
    }

    @Test
    void aMachineThatIsOffGetsItInItsDefinition() {
        UUID id = stubborn("off");
        machines.stop(world.alice(), id, true);
        world.await(id, MachineState.STOPPED);
        Nic added = cards.add(world.alice(), id, world.tag(), UUID.randomUUID());
        awaitCard(id, added.id(), Nic.State.PRESENT, "");
        assertThat(definition(id)).contains(added.mac());
        assertThat(world.machine(id).state()).isEqualTo(MachineState.STOPPED);

        cards.remove(world.alice(), id, added.id());
        await().atMost(PATIENCE).until(() -> cards.list(world.alice(), id).size() == 1);
        assertThat(definition(id)).doesNotContain(added.mac());
        Nic again = cards.add(world.alice(), id, world.tag(), UUID.randomUUID());
        assertThat(again.position()).isEqualTo(added.position());
        assertThat(again.mac()).isNotEqualTo(added.mac());
        machines.start(world.alice(), id);
        awaitCard(id, again.id(), Nic.State.PRESENT, "");
        world.await(id, MachineState.RUNNING);
        assertThat(domain(id)).contains(again.mac());
    }

    private UUID stubborn(String name) {
        String tag = world.tag();
        UUID id = requests.create(
                        world.alice(),
                        tag,
                        new Ask(tag + "-stubborn", tag, name, tag, tag, List.of(), "", 24, "test"),
                        null)
                .machineId();
        made.add(id);
        world.await(id, MachineState.RUNNING);
        await().atMost(PATIENCE).until(() -> status.unsettledHost(id).isEmpty());
        return id;
    }

    private void awaitCard(UUID machine, UUID card, Nic.State state, String note) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(card(machine, card))
                .extracting(Nic::state, Nic::note)
                .containsExactly(state, note));
    }

    private Nic card(UUID machine, UUID card) {
        return cards.list(world.alice(), machine).stream()
                .filter(nic -> nic.id().equals(card))
                .findFirst()
                .orElseThrow();
    }

    /** The steps of the last change of cards, all of which went well. */
    private List<String> steps(UUID id) {
        List<TimelineEntry> entries = machines.timeline(world.alice(), id).stream()
                .filter(entry -> entry.operation() == Operation.NETWORK)
                .toList();
        long last = entries.get(0).generation();
        assertThat(entries).allMatch(entry -> entry.state() == TimelineEntry.State.DONE);
        return entries.stream()
                .filter(entry -> entry.generation() == last)
                .map(TimelineEntry::step)
                .toList();
    }

    private List<String> given() {
        return macs.list(BERTH, null, 200, null).items().stream()
                .filter(mac -> mac.releasedAt() == null)
                .map(MacAddress::mac)
                .toList();
    }

    private static String domain(UUID id) {
        return Virsh.run("dumpxml", id.toString());
    }

    private static String definition(UUID id) {
        return Virsh.run("dumpxml", "--inactive", id.toString());
    }

    /** What the guest's own agent says of its cards. */
    private static String guestCards(UUID id) {
        return agent(id, "guest-network-get-interfaces", "{}");
    }

    private static String agent(UUID id, String command, String arguments) {
        return Virsh.run(
                "qemu-agent-command",
                id.toString(),
                "{\"execute\":\"" + command + "\",\"arguments\":" + arguments + "}");
    }
}
