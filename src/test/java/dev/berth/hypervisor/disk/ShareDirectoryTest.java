package dev.berth.hypervisor.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.ShareSpec;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.hypervisor.XmlTemplates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the {@code share} kind says and refuses without any host, and what it takes for a directory. */
class ShareDirectoryTest {
    private final ShareDirectory kind = new ShareDirectory(new XmlTemplates());

    @TempDir
    private Path temporary;

    private static StorageSpec storage(String slug, Map<String, String> config) {
        return new StorageSpec(UUID.randomUUID(), slug, "share", config);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/srv",
                "srv/tools",
                "/srv/../etc",
                "/srv/./tools",
                "/srv//tools",
                "/srv/tools/",
                "/srv/a,b",
                "/srv/a b",
                "/srv/a\n/srv/b",
                "/srv/a\n",
                "/srv/a'b",
                "/srv/a\"/><x/>",
                "/srv/\u00e9",
                "/etc/ssh",
                "/usr/local/share",
                "/var/lib/libvirt",
                "/var/lib/libvirt/images",
                "/var/lib",
                "/var/tmp",
                "/root/share",
                "/proc/1",
                "/run/berth-shares",
                "/dev/shm"
            })
    void refusesWhatIsNotThereToBeShared(String path) {
        assertThat(kind.validate(Map.of("path", path))).containsOnlyKeys("path");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/srv/berth-shares/tools", "/home/shares", "/data/a.b_c-1"})
    void takesDirectoriesOfOnesOwn(String path) {
        assertThat(kind.validate(Map.of("path", path))).isEmpty();
    }

    @Test
    void saysHowToMount() {
        assertThat(kind.mount(storage("tools", Map.of())).command())
                .isEqualTo("mkdir -p /mnt/tools && mount -t virtiofs -o rw tools /mnt/tools");
        assertThat(kind.mount(storage("tools", Map.of("access", "9p", "mode", "read-only")))
                        .fstab())
                .isEqualTo("tools /mnt/tools 9p ro,trans=virtio,version=9p2000.L,msize=262144,nofail 0 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "../green", "a/b", "", "-x", "A"})
    void refusesTeamsThatWouldLeadOut(String tenant) {
        ShareSpec share = new ShareSpec(UUID.randomUUID(), storage("tools", Map.of("path", "/srv/tools")), tenant);
        assertThatThrownBy(() -> kind.render(share)).isInstanceOf(HypervisorException.class);
    }

    @Test
    void holdsNoDisks() {
        DiskSpec disk = new DiskSpec(
                UUID.randomUUID(), UUID.randomUUID(), null, "vda", 1, storage("tools", Map.of()), null, "");
        assertThatThrownBy(() -> kind.ensure(disk, null, Progress.NONE)).hasMessageContaining("holds no disks");
        assertThatThrownBy(() -> kind.render(disk)).hasMessageContaining("holds no disks");
        assertThat(kind.abilities()).containsExactly(Ability.SHARED_FILES);
    }

    @Test
    void oneDirectoryIsSharedInOneWay() {
        Map<String, String> perTeam = Map.of("path", "/srv/a");
        assertThat(kind.sharesBeside(perTeam, Map.of("path", "/srv/a", "mode", "read-only")))
                .isTrue();
        assertThat(kind.sharesBeside(perTeam, Map.of("path", "/srv/a", "who", "all-in-one")))
                .isFalse();
        assertThat(kind.sharesBeside(perTeam, Map.of("path", "/srv/a/blue"))).isFalse();
    }

    @Test
    void findsLinksAndWhoeverCouldPlantOne() throws IOException {
        Path real = Files.createDirectories(temporary.toRealPath().resolve("real/inner"));
        assertThat(HostDirectory.problem(real, "web")).isEmpty();
        Path link = Files.createSymbolicLink(real.resolveSibling("link"), Path.of("/etc"));
        assertThat(HostDirectory.problem(link, "web"))
                .hasValueSatisfying(problem -> assertThat(problem).contains("symbolic link", link.toString()));
        assertThat(HostDirectory.problem(link.resolve("ssh"), "web"))
                .hasValueSatisfying(problem -> assertThat(problem).contains("symbolic link"));
        assertThat(HostDirectory.problem(real.resolve("no"), "web"))
                .hasValueSatisfying(problem -> assertThat(problem).contains("There is no directory"));
        Files.writeString(real.resolve("file"), "");
        assertThat(HostDirectory.problem(real.resolve("file"), "web"))
                .hasValueSatisfying(problem -> assertThat(problem).contains("is no directory"));

        Files.setPosixFilePermissions(real.getParent(), PosixFilePermissions.fromString("rwxrwxr-x"));
        assertThat(HostDirectory.problem(real, "web"))
                .hasValueSatisfying(problem -> assertThat(problem).contains("chmod go-w"));
        assertThat(HostDirectory.openToOthers(real, "web")).isEmpty();
    }

    @Test
    void makesNothingWhereALinkLeads() throws IOException {
        Path root = Files.createDirectories(temporary.toRealPath().resolve("root"));
        Path elsewhere = Files.createDirectories(root.resolveSibling("elsewhere"));
        Path planted = Files.createSymbolicLink(root.resolve("blue"), elsewhere.resolve("made"));
        HostDirectory.make(planted, "rwx------");
        HostDirectory.make(planted, "rwx------");
        assertThat(elsewhere).isEmptyDirectory();
        assertThat(HostDirectory.problem(planted, "web")).isPresent();

        Path own = root.resolve("green");
        HostDirectory.make(own, "rwx------");
        assertThat(Files.getPosixFilePermissions(own)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(HostDirectory.problem(own, "web")).isEmpty();
    }
}
