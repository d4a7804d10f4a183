package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.catalog.Policy;
import dev.berth.catalog.ProfileCheck;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Templates;
import dev.berth.hypervisor.Hypervisors;
import dev.berth.machines.MachineState;
import dev.berth.machines.Machines;
import dev.berth.machines.Share;
import dev.berth.machines.Shares;
import dev.berth.requests.Ask;
import dev.berth.requests.MachineRequests;
import dev.berth.security.Caller;
import dev.berth.testing.Agent;
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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A directory of the host in a real guest: mounted by itself, written to, kept, and no way to the host's other files. */
@QuarkusTest
@TestProfile(WorkerProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("hypervisor")
class SharesLiveTest {
    private static final Caller BERTH = Caller.system("test");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String SECRET = "what only the host may read";

    @Inject
    World world;

    @Inject
    StorageProfiles storage;

    @Inject
    Templates templates;

    @Inject
    MachineRequests requests;

    @Inject
    Machines machines;

    @Inject
    Shares shares;

    @Inject
    Hypervisors hypervisors;

    private final List<UUID> made = new ArrayList<>();
    private final List<String> profiles = new ArrayList<>();
    private Path directory;
    private Path hostsOwn;

    @BeforeEach
    void make() throws IOException {
        world.make(WorkerProfile.DIRECTORY);
        directory = Files.createTempDirectory(Path.of("/var/tmp"), "berth-test-shares-");
        Files.setPosixFilePermissions(directory, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        hostsOwn = Files.writeString(directory.resolve("host-only"), SECRET);
        for (String name : List.of("teams", "tools", "nine")) {
            Files.createDirectory(directory.resolve(name));
        }
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        made.forEach(world::delete);
        for (String slug : profiles) {
            storage.retire(BERTH, slug);
            hypervisors
                    .get(hypervisors.problems().keySet().iterator().next())
                    .removeStorage(StorageProfiles.spec(storage.get(BERTH, slug)));
        }
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        world.takeAway();
        assertThat(world.drift()).isEmpty();
    }

    private String profile(String name, Map<String, String> more) {
        Map<String, String> config = new java.util.HashMap<>(more);
        config.put("path", directory.resolve(name).toString());
        String slug = world.tag() + "-" + name;
        storage.create(BERTH, slug, name, "", "share", config);
        profiles.add(slug);
        return slug;
    }

    @Test
    void aGuestMountsItByItselfAndSeesNothingElse() throws IOException {
        String teams = profile("teams", Map.of());
        String tools = profile("tools", Map.of("who", "all-in-one", "mode", "read-only"));
        String nine = profile("nine", Map.of("access", "9p"));
        Files.writeString(directory.resolve("tools/hello"), "from the host");
        // As a guest may leave them for the next: to a file that only the host has, and to one that both have.
        Files.createSymbolicLink(directory.resolve("tools/out"), hostsOwn);
        Files.createSymbolicLink(directory.resolve("tools/name"), Path.of("/etc/hostname"));
        UUID id = request(teams, tools, nine);
        shares.add(world.alice(), id, teams);
        shares.add(world.alice(), id, tools);
        world.awaitMachine(
                id, machine -> machine.state() == MachineState.RUNNING && states(id, Share.State.ADDING) == 0);
        if (states(id, Share.State.PRESENT) < 2) {
            // Its worker was faster than we are.
            stop(id);
            start(id);
        }
        Agent.await(id);
        await().atMost(PATIENCE).until(() -> states(id, Share.State.PRESENT) == 2);
        assertThat(domain(id)).contains("memfd", "virtiofs").doesNotContain("accessmode='mapped'");
        shares.add(world.alice(), id, nine);
        Share waiting =
                await().atMost(PATIENCE).until(() -> share(id, nine), one -> one.state() == Share.State.AT_NEXT_START);
        assertThat(waiting.note()).contains("next powered off and started");
        String mine = "/mnt/" + teams;
        assertThat(guest(id, "cat /proc/mounts")).contains(teams + " " + mine + " virtiofs", "/mnt/" + tools);

        assertThat(guest(id, "echo marker > " + mine + "/marker; cat /mnt/" + tools + "/hello"))
                .contains("from the host");
        Path own = directory.resolve("teams").resolve(world.tag());
        assertThat(own.resolve("marker")).content().contains("marker");
        assertThat(guest(id, "touch /mnt/" + tools + "/new || echo refused")).contains("Read-only", "refused");
        assertThat(directory.resolve("tools/new")).doesNotExist();
        assertThat(guest(
                        id,
                        "mount -o remount,rw /mnt/" + tools + "; grep " + tools + " /proc/mounts; touch /mnt/" + tools
                                + "/new || echo refused"))
                .as("the guest would, the host does not let it")
                .contains("virtiofs rw", "refused");
        assertThat(directory.resolve("tools/new")).doesNotExist();

        assertThat(guest(id, "cat /mnt/" + tools + "/name /etc/hostname | uniq -c | grep -c ' 2 '"))
                .as("the guest's own")
                .contains("1");
        assertThat(guest(id, "cat /mnt/" + tools + "/out " + mine + "/../../../.." + hostsOwn))
                .doesNotContain(SECRET);
        guest(id, "ln -s " + hostsOwn + " " + mine + "/planted; ln -s / " + mine + "/root; sync");
        assertThat(own.resolve("planted")).isSymbolicLink();
        assertThat(guest(id, "cat " + mine + "/planted " + mine + "/root" + hostsOwn))
                .doesNotContain(SECRET);

        stop(id);
        start(id);
        Agent.await(id);
        await().atMost(PATIENCE).until(() -> states(id, Share.State.PRESENT) == 3);
        assertThat(domain(id)).contains("accessmode='mapped'", directory + "/nine/" + world.tag());
        assertThat(guest(id, "cat " + mine + "/marker")).contains("marker");
        shares.remove(world.alice(), id, share(id, nine).id());
        await().atMost(PATIENCE).until(() -> share(id, nine).note().contains("until it is next powered off"));
        assertThat(Virsh.run("dumpxml", "--inactive", id.toString())).doesNotContain(nine);
        assertThat(domain(id)).contains(nine);
        stop(id);
        await().atMost(PATIENCE).until(() -> shares.list(world.alice(), id).size() == 2);
        await().atMost(PATIENCE)
                .until(
                        () -> storage.checks(storage.get(BERTH, teams).id()),
                        said -> !said.isEmpty() && said.stream().allMatch(ProfileCheck::good));
        world.delete(id);
        made.clear();
        assertThat(own.resolve("marker")).exists();
        assertThat(hostsOwn).content().isEqualTo(SECRET);
    }

    private UUID request(String... offered) {
        String tag = world.tag();
        String slug = tag + "-shares";
        List<String> all = new ArrayList<>(List.of(offered));
        all.add(tag);
        templates.create(BERTH, slug, "With shares " + tag, "", new Policy(2, 1_024, 10, 48, 720));
        templates.revise(BERTH, slug, new Templates.RevisionDraft(tag, List.of(tag), List.of(tag), all, ""));
        templates.setState(BERTH, slug, 1, RevisionState.APPROVED);
        UUID id = requests.create(
                        world.alice(), tag, new Ask(slug, tag, "sharing", tag, tag, List.of(), "", 24, "test"), null)
                .machineId();
        made.add(id);
        return id;
    }

    private void stop(UUID id) {
        machines.stop(world.alice(), id, true);
        world.await(id, MachineState.STOPPED);
    }

    private void start(UUID id) {
        machines.start(world.alice(), id);
        world.await(id, MachineState.RUNNING);
    }

    private long states(UUID id, Share.State state) {
        return shares.list(world.alice(), id).stream()
                .filter(one -> one.state() == state)
                .count();
    }

    private Share share(UUID id, String slug) {
        return shares.list(world.alice(), id).stream()
                .filter(one -> one.storage().slug().equals(slug))
                .findFirst()
                .orElseThrow();
    }

    private static String domain(UUID id) {
        return Virsh.run("dumpxml", id.toString());
    }

    /** What a shell script in the guest writes, errors too. */
    private static String guest(UUID id, String script) {
        return Agent.run(id, "exec 2>&1; " + script);
    }
}
