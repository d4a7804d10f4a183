package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.catalog.Image;
import dev.berth.catalog.ImageState;
import dev.berth.catalog.Images;
import dev.berth.catalog.Revision;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Templates;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.machines.Capture;
import dev.berth.machines.Captures;
import dev.berth.machines.Device;
import dev.berth.machines.DeviceState;
import dev.berth.machines.Devices;
import dev.berth.machines.Disk;
import dev.berth.machines.Disks;
import dev.berth.machines.MachineState;
import dev.berth.machines.MachineStatus;
import dev.berth.machines.Machines;
import dev.berth.machines.Move;
import dev.berth.machines.MoveState;
import dev.berth.machines.Moves;
import dev.berth.machines.Operation;
import dev.berth.machines.TimelineEntry;
import dev.berth.requests.Ask;
import dev.berth.requests.MachineRequests;
import dev.berth.security.Caller;
import dev.berth.tenancy.Resource;
import dev.berth.testing.LiveTarget;
import dev.berth.testing.LoopDevice;
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
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Disks that move between kinds of storage on a real libvirt: what the guest wrote holds at each step. */
@QuarkusTest
@TestProfile(CardsLiveTest.Profile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class MovesLiveTest {
    private static final Caller BERTH = Caller.system("test");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Path DISKS = WorkerProfile.DIRECTORY.resolve("disks");
    private static final Path RAW = WorkerProfile.DIRECTORY.resolve("moved");
    private static final String WRITTEN = "written-by-a-guest-" + UUID.randomUUID();
    private static final String MARKER = "what-a-tenant-must-never-read";

    private static final long DEVICE_BYTES = 1L << 30;
    /** A little larger than the disk; what a guest sees there is the whole LUN. */
    private static final long LUN_BYTES = (1L << 30) + (1L << 20);

    private static String network;
    private static String raw;
    private static String block;
    private static String lun;
    /** libvirt's name of it, the profile's id. */
    private static UUID secret;

    private static LoopDevice loop;
    private static LiveTarget target;

    @Inject
    World world;

    @Inject
    Machines machines;

    @Inject
    Disks disks;

    @Inject
    Devices devices;

    @Inject
    Hosts hosts;

    @Inject
    Captures captures;

    @Inject
    Images images;

    @Inject
    Moves moves;

    @Inject
    MachineStatus status;

    @Inject
    StorageProfiles storage;

    @Inject
    StorageSecrets secrets;

    @Inject
    Templates templates;

    @Inject
    MachineRequests requests;

    private final List<UUID> made = new ArrayList<>();

    @BeforeEach
    void make() throws IOException {
        world.make(WorkerProfile.DIRECTORY);
        network = "berth-" + world.tag();
        String tag = world.tag();
        raw = tag + "raw";
        block = tag + "block";
        lun = tag + "lun";
        if (storage.list().stream().noneMatch(profile -> profile.slug().equals(raw))) {
            storage.create(BERTH, raw, "Raw", "", "raw", Map.of("path", RAW.toString()));
            storage.create(BERTH, block, "Block", "", "block", Map.of());
            loop = LoopDevice.make(DEVICE_BYTES);
            Host host = hosts.list().stream()
                    .filter(Host::takesMachines)
                    .findFirst()
                    .orElseThrow();
            devices.register(BERTH, storage.get(BERTH, block), host.name(), loop.path());
            target = new LiveTarget();
            target.lun(LUN_BYTES, new byte[0]);
            target.start();
            secret = storage.create(
                            BERTH,
                            lun,
                            "LUNs",
                            "",
                            "iscsi",
                            Map.of("portal", target.portal(), "target", LiveTarget.NAME, "user", LiveTarget.USER))
                    .id();
            assertThat(secrets.keep(BERTH, lun, target.secret)).allMatch(StorageSecrets.Kept::done);
            devices.register(BERTH, storage.get(BERTH, lun), host.name(), LiveTarget.NAME + "/1");
            // A template of its own: other classes use the world's.
            templates.create(BERTH, raw, "Moves", "", templates.get(BERTH, tag).policy());
            templates.revise(
                    BERTH,
                    raw,
                    new Templates.RevisionDraft(tag, List.of(tag), List.of(tag), List.of(tag, raw, block, lun), ""));
            templates.setState(BERTH, raw, 1, RevisionState.APPROVED);
        }
    }

    @AfterEach
    void nothingIsLeft() {
        made.forEach(world::delete);
        assertThat(files(DISKS)).isEmpty();
        assertThat(files(RAW)).isEmpty();
        assertThat(world.used().values()).containsOnly(0L);
        assertThat(world.drift()).isEmpty();
    }

    @AfterAll
    static void takeAwayTheNetwork() throws IOException {
        if (loop != null) {
            loop.close();
        }
        if (target != null) {
            target.close();
        }
        if (secret != null) {
            Virsh.attempt("secret-undefine", secret.toString());
        }
        Nft.remove(Nft.ofNetwork(network));
        Virsh.attempt("net-destroy", network);
        Virsh.attempt("net-undefine", network);
        for (String pool : List.of(network, "berth-" + raw)) {
            Virsh.attempt("pool-destroy", pool);
            Virsh.attempt("pool-undefine", pool);
        }
    }

    @Test
    void whatAGuestWroteHoldsAtEachStep() {
        awaitFree(block);
        awaitFree(lun);
        UUID id = request("mover", world.tag());
        inGuest(id, "echo " + WRITTEN + " > /root/written && sync");
        off(id);
        Move toRaw = move(id, raw);
        assertThat(domain(id)).contains(RAW.toString()).doesNotContain(DISKS.toString());
        assertThat(files(DISKS)).hasSize(1);
        assertThat(files(RAW)).hasSize(1);
        assertThat(toRaw.digest()).isEqualTo(sha256(only(RAW)));
        assertThat(toRaw.bytes()).isEqualTo(1L << 30);
        assertThat(world.used()).containsEntry(Resource.DISK_GIB, 2L);
        assertThat(steps(id))
                .containsExactly(Step.MOVE_COPY.label(), Step.MOVE_VERIFY.label(), Step.MOVE_DEFINE.label());

        machines.start(world.alice(), id);
        world.await(id, MachineState.RUNNING);
        moves.confirm(world.alice(), id, toRaw.id());
        await().atMost(PATIENCE)
                .until(() -> !moves.get(world.alice(), id, toRaw.id()).pending());
        assertThat(files(DISKS)).as("the old disk goes while the machine runs").isEmpty();
        assertThat(world.used()).containsEntry(Resource.DISK_GIB, 1L);
        off(id);
        String written = sha256(only(RAW));

        Move toBlock = move(id, block);
        assertThat(toBlock.digest()).isEqualTo(written);
        assertThat(domain(id)).contains(loop.path()).doesNotContain(RAW.toString());
        moves.confirm(world.alice(), id, toBlock.id());
        settled(id);
        assertThat(files(RAW)).isEmpty();

        Move toLun = move(id, lun);
        assertThat(toLun.digest()).isEqualTo(written);
        assertThat(domain(id)).contains("protocol='iscsi'").doesNotContain(loop.path(), target.secret);
        moves.confirm(world.alice(), id, toLun.id());
        settled(id);
        awaitFree(block);
        assertThat(loop.contains(WRITTEN))
                .as("what a guest wrote is still on the returned device")
                .isFalse();
        machines.start(world.alice(), id);
        inGuest(id, "grep -q " + WRITTEN + " /root/written && sync");
        off(id);

        Move back = move(id, world.tag());
        assertThat(back.bytes()).isEqualTo(LUN_BYTES);
        assertThat(disk(id).sizeGib()).isEqualTo(2);
        assertThat(world.used()).containsEntry(Resource.DISK_GIB, 3L);
        moves.undo(world.alice(), id, back.id(), false);
        settled(id);
        assertThat(files(DISKS)).isEmpty();
        assertThat(domain(id)).contains("protocol='iscsi'").doesNotContain(DISKS.toString());
        assertThat(disk(id).sizeGib()).isEqualTo(1);
        assertThat(world.used()).containsEntry(Resource.DISK_GIB, 1L);

        Move again = move(id, world.tag());
        assertThat(again.digest()).isEqualTo(back.digest());
        moves.confirm(world.alice(), id, again.id());
        settled(id);
        assertThat(world.used()).containsEntry(Resource.DISK_GIB, 2L);
        awaitFree(lun);
        assertThat(target.contains(WRITTEN))
                .as("what a guest wrote is still on the returned LUN")
                .isFalse();
        assertThat(run("qemu-img", "info", "-f", "qcow2", only(DISKS).toString()))
                .doesNotContain("backing file");
        assertThatThrownBy(() -> moves.start(world.alice(), id, disk(id).id(), world.tag()))
                .hasMessageContaining("already");
        machines.start(world.alice(), id);
        inGuest(id, "grep -q " + WRITTEN + " /root/written");
        off(id);
    }

    /** A guest may write anything to the beginning of its disk: also what another program takes for a pointer. */
    @Test
    void aDiskThatPointsAtAFileOfTheHostIsCopiedAsItIs() throws IOException {
        Path hidden = WorkerProfile.DIRECTORY.resolve("secret");
        Files.writeString(hidden, MARKER.repeat(4096));
        UUID id = request("hostile", raw);
        off(id);
        Path file = only(RAW);
        Path evil = WorkerProfile.DIRECTORY.resolve("evil");
        run("qemu-img", "create", "-q", "-f", "qcow2", "-b", hidden.toString(), "-F", "raw", evil.toString(), "1G");
        try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
            disk.write(Files.readAllBytes(evil));
        }
        Files.delete(evil);
        String written = sha256(file);

        Move move = move(id, world.tag());
        assertThat(move.digest()).isEqualTo(written);
        assertThat(run("grep", "-c", MARKER, only(DISKS).toString()).strip()).isEqualTo("0");
        assertThat(run("qemu-img", "info", "-f", "qcow2", only(DISKS).toString()))
                .doesNotContain("backing file");
        moves.confirm(world.alice(), id, move.id());
        settled(id);
        Move again = move(id, raw);
        assertThat(again.digest()).isEqualTo(written);
        assertThat(sha256(only(RAW))).isEqualTo(written);

        captures.start(world.alice(), id, disk(id).id(), new Captures.Wish(raw, raw + "-image", "with the tools"));
        await().atMost(PATIENCE)
                .until(() -> !captures.list(world.alice(), id).get(0).copying());
        Capture captured = captures.list(world.alice(), id).get(0);
        assertThat(captured.state()).as(captured.failure()).isEqualTo(Capture.State.PROPOSED);
        Image image = images.get(raw + "-image");
        assertThat(image.state()).isEqualTo(ImageState.READY);
        String copy = images.base(image).path();
        assertThat(run(
                        "qemu-img",
                        "compare",
                        "-f",
                        "qcow2",
                        "-F",
                        "raw",
                        copy,
                        only(RAW).toString()))
                .contains("Images are identical");
        assertThat(run("qemu-img", "info", "-f", "qcow2", copy)).doesNotContain("backing file");
        Revision proposed = templates.get(BERTH, raw).revisions().get(0);
        assertThat(proposed.number()).isEqualTo(captured.revision());
        assertThat(proposed.state()).isEqualTo(RevisionState.IN_REVIEW);
        assertThat(proposed.boot().image().name()).isEqualTo(image.name());
        assertThat(proposed.notes()).isEqualTo("with the tools");
        assertThat(templates.get(world.alice(), raw).current().orElseThrow().number())
                .as("what people get until an admin approves")
                .isEqualTo(1);
        templates.setState(BERTH, raw, proposed.number(), RevisionState.RETIRED);
        images.retire(BERTH, image.name());
        Files.delete(hidden);
    }

    private UUID request(String name, String profile) {
        String tag = world.tag();
        UUID id = requests.create(
                        world.alice(), tag, new Ask(raw, tag, name, tag, profile, List.of(), "", 24, "test"), null)
                .machineId();
        made.add(id);
        world.await(id, MachineState.RUNNING);
        return id;
    }

    /** The only device of the profile is to be had. */
    private void awaitFree(String profile) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(devices.list(BERTH, storage.get(BERTH, profile)))
                .extracting(Device::state)
                .containsExactly(DeviceState.FREE));
    }

    private Disk disk(UUID id) {
        return disks.list(world.alice(), id).get(0);
    }

    private Move move(UUID id, String profile) {
        Move started = moves.start(world.alice(), id, disk(id).id(), profile);
        await().atMost(PATIENCE)
                .until(() -> !moves.get(world.alice(), id, started.id()).pending());
        settled(id);
        Move done = moves.get(world.alice(), id, started.id());
        assertThat(done.state()).as(done.failure()).isEqualTo(MoveState.DONE);
        assertThat(disk(id).storageSlug()).isEqualTo(profile);
        return done;
    }

    private void off(UUID id) {
        machines.stop(world.alice(), id, true);
        world.await(id, MachineState.STOPPED);
        settled(id);
    }

    private void settled(UUID id) {
        await().atMost(PATIENCE).until(() -> status.unsettledHost(id).isEmpty());
    }

    private List<String> steps(UUID id) {
        List<TimelineEntry> entries = machines.timeline(world.alice(), id).stream()
                .filter(entry -> entry.operation() == Operation.MOVE)
                .toList();
        return entries.stream().map(TimelineEntry::step).toList();
    }

    private static String domain(UUID id) {
        return Virsh.run("dumpxml", "--inactive", id.toString());
    }

    /** Waits for the guest to boot and runs a script in it, which has to succeed. */
    private static void inGuest(UUID id, String script) {
        String ping = "{\"execute\":\"guest-ping\"}";
        await().atMost(PATIENCE).ignoreExceptions().until(() -> Virsh.run("qemu-agent-command", id.toString(), ping)
                .contains("return"));
        String started = Virsh.run(
                "qemu-agent-command",
                id.toString(),
                "{\"execute\":\"guest-exec\",\"arguments\":{\"path\":\"/bin/sh\",\"arg\":[\"-c\",\"" + script
                        + "\"]}}");
        String pid = started.replaceAll("\\D", "");
        String status = await().atMost(PATIENCE)
                .until(
                        () -> Virsh.run(
                                "qemu-agent-command",
                                id.toString(),
                                "{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":" + pid + "}}"),
                        answer -> answer.contains("exitcode"));
        assertThat(status).as(script).contains("\"exitcode\":0");
    }

    private static Path only(Path directory) {
        assertThat(files(directory)).hasSize(1);
        return directory.resolve(files(directory).iterator().next());
    }

    private static Set<String> files(Path directory) {
        if (!Files.exists(directory)) {
            return Set.of();
        }
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(Path file) {
        return run("sha256sum", file.toString()).substring(0, 64);
    }

    private static String run(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
