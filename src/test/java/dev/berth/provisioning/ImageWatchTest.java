package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.catalog.Image;
import dev.berth.catalog.ImageChecks;
import dev.berth.catalog.ImageRemoval;
import dev.berth.catalog.ImageState;
import dev.berth.catalog.ImageUse;
import dev.berth.catalog.Images;
import dev.berth.catalog.Policy;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Templates;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.machines.ImageFigures;
import dev.berth.machines.MachineState;
import dev.berth.machines.MachineStatus;
import dev.berth.machines.Machines;
import dev.berth.requests.Ask;
import dev.berth.requests.MachineRequests;
import dev.berth.security.Caller;
import dev.berth.testing.Nft;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.Virsh;
import dev.berth.testing.WorkerProfile;
import dev.berth.testing.World;
import dev.berth.web.Browser;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An image whose file is changed behind Berth's back: nothing starts from it until it is what was imported. */
@QuarkusTest
@TestProfile(WorkerProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class ImageWatchTest {
    private static final Caller BERTH = Caller.system("test");
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static String network;

    @Inject
    World world;

    @Inject
    Images images;

    @Inject
    ImageChecks checks;

    @Inject
    ImageRemoval removal;

    @Inject
    ImageFigures figures;

    @Inject
    ImageWatch watch;

    @Inject
    Templates templates;

    @Inject
    MachineRequests requests;

    @Inject
    Machines machines;

    @Inject
    MachineStatus status;

    private String name;
    private Path file;
    private UUID machine;

    @BeforeEach
    void make() {
        world.make(WorkerProfile.DIRECTORY);
        network = "berth-" + world.tag();
        name = world.tag() + "-" + Long.toHexString(System.nanoTime());
        Image image = images.importFile(
                BERTH,
                new Images.Draft(name, "", "qcow2"),
                World.GUEST.getFileName().toString());
        file = WorkerProfile.DIRECTORY.resolve("images").resolve(image.id() + ".qcow2");
        templates.create(BERTH, name, "Watched", "", new Policy(2, 1_024, 10, 48, 720));
        List<String> tag = List.of(world.tag());
        templates.revise(BERTH, name, new Templates.RevisionDraft(name, tag, tag, tag, ""));
        templates.setState(BERTH, name, 1, RevisionState.APPROVED);
    }

    @AfterEach
    void removeTheMachine() {
        if (machine != null && world.machine(machine).goneAt() == null) {
            world.delete(machine);
        }
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
    void nothingStartsFromAnImageThatWasTouched() throws IOException {
        machine = request("watched");
        world.await(machine, MachineState.RUNNING);

        flipLastByte();
        Image touched = await(image -> image.state() == ImageState.QUARANTINED);
        assertThat(touched.problem()).contains("was written to");
        assertThat(figures.affected(world.alice(), world.tenant().id()))
                .singleElement()
                .isEqualTo(new ImageFigures.Affected(touched, 1, 1));
        assertThat(removal.dependents(BERTH, name))
                .filteredOn(kind -> kind.kind() == ImageUse.Kind.MACHINE)
                .singleElement()
                .satisfies(kind -> assertThat(kind.first().get(0).running()).isTrue());
        assertThat(list())
                .contains("The image " + name + " is quarantined.")
                .contains("Image " + name + " is quarantined</div>");
        machines.stop(world.alice(), machine, true);
        world.await(machine, MachineState.STOPPED);
        nothingStarts();
        assertThatThrownBy(() -> checks.release(BERTH, name)).hasMessageContaining("only be released once");

        // The same bytes again, so that the time of change is all that is another.
        flipLastByte();
        checks.check(BERTH, name);
        await(Image::releasable);
        nothingStarts();
        assertThat(checks.release(BERTH, name).state()).isEqualTo(ImageState.READY);
        assertThat(list()).contains("watched").doesNotContain("is quarantined");
        machines.start(world.alice(), machine);
        world.await(machine, MachineState.RUNNING);
        world.delete(machine);
    }

    @Test
    void whatHidesFromAGlanceIsFoundByTheDigest() throws IOException {
        FileTime before = Files.getLastModifiedTime(file);
        flipLastByte();
        Files.setLastModifiedTime(file, before);
        checks.check(BERTH, name);
        Image other = await(image -> image.state() == ImageState.QUARANTINED);
        assertThat(other.problem()).contains("SHA-256");
        assertThatThrownBy(() -> request("fresh"))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("templates on offer");

        assertThatThrownBy(() -> removal.remove(BERTH, name)).hasMessageContaining("1 revision");
        templates.setState(BERTH, name, 1, RevisionState.RETIRED);
        assertThat(removal.remove(BERTH, name).state()).isEqualTo(ImageState.REMOVED);
        assertThat(file).doesNotExist();
        assertThat(images.list()).extracting(Image::name).doesNotContain(name);
        make("again");
    }

    /** Its name is free, and the template can be used on. */
    private void make(String notes) {
        images.importFile(
                BERTH,
                new Images.Draft(name, notes, "qcow2"),
                World.GUEST.getFileName().toString());
        assertThat(images.get(name).description()).isEqualTo(notes);
        images.retire(BERTH, name);
        removal.remove(BERTH, name);
    }

    /** The page of the team's machines. */
    private String list() {
        return Browser.of("alice-" + world.tag(), "berth").html("/t/" + world.tag() + "/machines");
    }

    private void nothingStarts() {
        assertThatThrownBy(() -> machines.start(world.alice(), machine)).hasMessageContaining("image " + name);
        // What was asked for just before somebody found out is refused on the host.
        assertThatThrownBy(() -> watch.refuseUntrusted(status.task(machine).orElseThrow()))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining(name + " is quarantined");
        assertThatThrownBy(() -> request("another")).hasMessageContaining("templates on offer");
    }

    private UUID request(String machineName) {
        String tag = world.tag();
        return requests.create(
                        world.alice(), tag, new Ask(name, tag, machineName, tag, tag, List.of(), "", 24, "test"), null)
                .machineId();
    }

    private Image await(Predicate<Image> condition) {
        return Awaitility.await().atMost(PATIENCE).until(() -> images.get(name), condition);
    }

    private void flipLastByte() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            channel.read(last, channel.size() - 1);
            last.put(0, (byte) ~last.get(0)).rewind();
            channel.write(last, channel.size() - 1);
        }
    }
}
