package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Seeds as {@code isoinfo} reads them back. */
class SeedFilesTest {
    private static final String HOSTILE =
            "x\"\nroot: &a ['*a'] # {}: %\t!!python/object \\ ' \u0000\u2028\u00e9\ud83d\ude00 ]]> $(id) `id`";
    private static final String KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFakeKeyForTests alice@example";

    @TempDir
    private Path root;

    private SeedFiles seeds;

    private final UUID id = UUID.randomUUID();

    @BeforeEach
    void prepare() {
        WorkerDirectory directory = new WorkerDirectory(root);
        directory.prepare(-1);
        seeds = new SeedFiles(directory, LiveHost.NETWORKS, LiveHost.DISKS);
    }

    @Test
    void saysWhoTheMachineIs() {
        seeds.write(new SeedSpec(id, "web-1", List.of(KEY), "", List.of()));

        assertThat(read("META-DATA"))
                .isEqualTo(
                        "instance-id: \"" + id + "\"\nlocal-hostname: \"web-1\"\npublic-keys:\n  - \"" + KEY + "\"\n");
        assertThat(read("VENDOR-DATA"))
                .isEqualTo("#cloud-config\nhostname: \"web-1\"\nssh_authorized_keys:\n  - \"" + KEY + "\"\n");
        assertThat(read("USER-DATA")).startsWith("#cloud-config\n");
        assertThat(HostCommand.of("isoinfo", "-d", "-i", seeds.path(id).toString())
                        .run()
                        .output())
                .contains("Volume id: cidata");
    }

    @Test
    void saysWhatToMount() {
        ShareSpec tools = new ShareSpec(
                id, new StorageSpec(UUID.randomUUID(), "tools", "share", Map.of("mode", "read-only")), "blue");
        seeds.write(new SeedSpec(id, "web-1", List.of(), "", List.of(), List.of(tools)));

        assertThat(yaml("VENDOR-DATA"))
                .containsEntry("mounts", List.of(List.of("tools", "/mnt/tools", "virtiofs", "ro,nofail", "0", "0")))
                .containsEntry(
                        "bootcmd",
                        List.of(List.of(
                                "sh",
                                "-c",
                                "mountpoint -q /mnt/tools || { mkdir -p /mnt/tools && mount -t virtiofs -o ro tools"
                                        + " /mnt/tools; }")));
    }

    @Test
    void passesUserDataOnUntouched() {
        String script = "#!/bin/sh\necho \"$HOSTNAME\" > /etc/x; # \u00e9\r\n\n" + HOSTILE.replace("\u0000", "");
        seeds.write(new SeedSpec(id, "web-1", List.of(), script, List.of()));

        assertThat(read("USER-DATA")).isEqualTo(script);
    }

    @Test
    void keepsHostileTextAString() {
        seeds.write(new SeedSpec(id, HOSTILE, List.of(HOSTILE, KEY), "", List.of()));

        Map<String, Object> metaData = yaml("META-DATA");
        assertThat(metaData)
                .isEqualTo(Map.of(
                        "instance-id", id.toString(), "local-hostname", HOSTILE, "public-keys", List.of(HOSTILE, KEY)));
        assertThat(yaml("VENDOR-DATA"))
                .isEqualTo(Map.of("hostname", HOSTILE, "ssh_authorized_keys", List.of(HOSTILE, KEY)));
        assertThat(read("META-DATA").lines()).hasSize(5);
        assertThat(SeedFiles.quoted("\ud800")).isEqualTo("\"\\ufffd\"");
    }

    @Test
    void isPrivateAndReplacedWhole() throws IOException {
        seeds.write(new SeedSpec(id, "web-1", List.of(), "first", List.of()));
        Files.createDirectories(root.resolve("seeds/." + id + "-left"));
        Files.writeString(root.resolve("seeds/." + id + "-left/seed.iso"), "half");
        seeds.write(new SeedSpec(id, "web-1", List.of(), "second", List.of()));

        assertThat(read("USER-DATA")).isEqualTo("second");
        assertThat(Files.getPosixFilePermissions(seeds.path(id)))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(seeds.machines()).containsExactly(id);
        assertThat(files()).containsExactly(id + ".iso");

        seeds.delete(id);
        seeds.delete(id);
        assertThat(seeds.machines()).isEmpty();
        assertThat(files()).isEmpty();
    }

    private Map<String, Object> yaml(String name) {
        return new Yaml(new SafeConstructor(new LoaderOptions())).load(read(name));
    }

    private String read(String name) {
        return HostCommand.of(
                        "isoinfo",
                        "-R",
                        "-x",
                        "/" + name.toLowerCase(java.util.Locale.ROOT),
                        "-i",
                        seeds.path(id).toString())
                .run()
                .output();
    }

    private List<String> files() throws IOException {
        try (var files = Files.list(root.resolve("seeds"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
