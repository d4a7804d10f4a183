package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The {@code share} kind on a real host: what it looks at, makes and refuses. A guest mounts one in SharesLiveTest. */
@Tag("hypervisor")
class ShareDirectoryLiveTest {
    private LiveHost host;
    private Hypervisor hypervisor;
    private Path directory;

    @BeforeEach
    void connect() throws IOException {
        host = new LiveHost();
        hypervisor = host.hypervisor;
        directory = Files.createTempDirectory(Path.of("/var/tmp"), "berth-test-share-");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void disconnect() throws IOException {
        host.close();
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private StorageSpec storage(String name, String... config) throws IOException {
        Map<String, String> all =
                new HashMap<>(Map.of("path", directory.resolve(name).toString()));
        for (int index = 0; index < config.length; index += 2) {
            all.put(config[index], config[index + 1]);
        }
        return new StorageSpec(UUID.randomUUID(), name, "share", all);
    }

    private static ShareSpec share(UUID machine, StorageSpec storage, String tenant) {
        return new ShareSpec(machine, storage, tenant);
    }

    @Test
    void looksAtTheDirectoryBeforeItIsShared() throws IOException {
        Files.createDirectories(directory.resolve("tools"));
        assertThat(hypervisor.checkStorage(storage("tools")).problems()).isEmpty();
        assertThat(hypervisor.checkStorage(storage("tools")).advice())
                .anyMatch(advice -> advice.contains("chmod o-x " + directory.resolve("tools")));
        assertThat(hypervisor.checkStorage(storage("tools", "access", "9p")).problems())
                .isEmpty();
        assertThat(hypervisor
                        .checkStorage(storage("tools", "access", "9p", "who", "all-in-one"))
                        .problems())
                .anyMatch(problem -> problem.contains("may not write to"));
        assertThat(hypervisor
                        .checkStorage(storage("tools", "access", "9p", "who", "all-in-one", "mode", "read-only"))
                        .problems())
                .isEmpty();
        assertThat(hypervisor.volumes(storage("tools"))).isEmpty();

        assertThat(problems("missing")).contains("There is no directory");
        Files.createSymbolicLink(directory.resolve("link"), Path.of("/etc"));
        assertThat(problems("link")).contains("symbolic link");
        Files.createDirectories(directory.resolve("open"));
        Files.setPosixFilePermissions(directory.resolve("open"), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(problems("open")).contains("chmod go-w");
        Files.createDirectories(directory.resolve("open/in"));
        assertThat(problems("open/in")).contains("chmod go-w");
        hypervisor.ensureStorage(host.storage);
        StorageSpec disks = new StorageSpec(
                UUID.randomUUID(),
                "disks",
                "share",
                Map.of("path", host.directory.resolve("disks").toString()));
        assertThat(hypervisor.checkStorage(disks).problems()).hasSize(1);
        StorageSpec etc = new StorageSpec(UUID.randomUUID(), "etc", "share", Map.of("path", "/etc/ssh"));
        assertThat(hypervisor.checkStorage(etc).problems()).hasSize(1);
        assertThatThrownBy(() -> hypervisor.offerShare(share(UUID.randomUUID(), etc, "blue")))
                .isInstanceOf(HypervisorException.class);
    }

    private String problems(String name) throws IOException {
        return String.join(" ", hypervisor.checkStorage(storage(name)).problems());
    }

    @Test
    void makesATeamsDirectoryAndFollowsNoLink() throws IOException {
        Path teams = Files.createDirectories(directory.resolve("teams"));
        Path elsewhere = Files.createDirectories(directory.resolve("elsewhere"));
        StorageSpec storage = storage("teams", "access", "9p");
        UUID machine = UUID.randomUUID();
        hypervisor.offerShare(share(machine, storage, "blue"));
        hypervisor.offerShare(share(machine, storage, "blue"));
        assertThat(Files.getPosixFilePermissions(teams.resolve("blue")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat((int) Files.getAttribute(teams.resolve("blue"), "unix:uid")).isNotZero();

        Files.createSymbolicLink(teams.resolve("green"), elsewhere);
        assertThatThrownBy(() -> hypervisor.offerShare(share(machine, storage, "green")))
                .hasMessageContaining("symbolic link");
        assertThat((int) Files.getAttribute(elsewhere, "unix:uid")).isZero();
        assertThat(elsewhere).isEmptyDirectory();
        assertThatThrownBy(() -> hypervisor.offerShare(share(machine, storage, "../elsewhere")))
                .isInstanceOf(HypervisorException.class);
    }

    /** Each way at once; the domain is started and not waited for. */
    @Test
    void aDomainStartsWithIt() throws IOException {
        for (String name : List.of("a", "b", "c")) {
            Files.createDirectories(directory.resolve(name));
        }
        StorageSpec readOnly = storage("c", "mode", "read-only");
        DomainSpec plain = host.machine("share-1", 20, null);
        UUID id = plain.machineId();
        DomainSpec machine = plain.withShares(List.of(
                share(id, storage("a"), "blue"),
                share(id, storage("b", "access", "9p", "mode", "read-only"), "blue"),
                share(id, readOnly, "blue")));
        machine.shares().forEach(hypervisor::offerShare);
        host.prepare(machine);
        hypervisor.start(id);
        try {
            LibvirtSchema.assertValid("domain", LiveHost.virsh("dumpxml", id.toString()));
            assertThat(hypervisor.shares(id)).containsExactlyInAnyOrder("a", "b", "c");
            Path view = Path.of("/run/berth-shares", readOnly.profileId().toString(), "blue");
            Files.writeString(directory.resolve("c/blue/seen"), "by all");
            assertThat(view.resolve("seen")).content().isEqualTo("by all");
            assertThatThrownBy(() -> Files.writeString(view.resolve("new"), "")).hasMessageContaining("Read-only");
            machine.shares().forEach(hypervisor::offerShare);
        } finally {
            host.remove(machine);
            hypervisor.removeStorage(readOnly);
            hypervisor.removeStorage(readOnly);
        }
        assertThat(Path.of("/run/berth-shares", readOnly.profileId().toString()))
                .doesNotExist();
        assertThat(directory.resolve("c/blue/seen")).exists();
    }
}
