package dev.berth.hypervisor;

import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.disk.DiskKinds;
import dev.berth.hypervisor.network.NetworkKinds;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Machines' seeds: ISO 9660 images as cloud-init's NoCloud data source reads them, label {@code cidata}. They are YAML;
 * every value in it is a quoted string that stays one whatever it holds.
 */
final class SeedFiles {
    private static final Logger LOG = Logger.getLogger(SeedFiles.class);
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern SEED = Pattern.compile("([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\.iso");
    private static final String PRIVATE_DIRECTORY = "rwx------";
    private static final String PRIVATE_FILE = "rw-------";

    private final WorkerDirectory directory;
    private final NetworkKinds networks;
    private final DiskKinds disks;

    SeedFiles(WorkerDirectory directory, NetworkKinds networks, DiskKinds disks) {
        this.directory = directory;
        this.networks = networks;
        this.disks = disks;
    }

    Path path(UUID machineId) {
        return directory.seeds().resolve(machineId + ".iso");
    }

    /** Writes the seed beside its place and moves it there whole. */
    void write(SeedSpec seed) {
        try {
            removeLeftovers(seed.machineId());
            Path work = Files.createTempDirectory(
                    directory.seeds(),
                    "." + seed.machineId() + "-",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE_DIRECTORY)));
            try {
                build(seed, work);
            } finally {
                removeTree(work);
            }
        } catch (IOException e) {
            LOG.errorf(e, "The seed of %s could not be written", seed.machineId());
            throw new HypervisorException(
                    Reason.FAILED, "The machine's first-boot data could not be written. Is the host's disk full?", e);
        }
    }

    private void build(SeedSpec seed, Path work) throws IOException {
        Files.writeString(work.resolve("meta-data"), metaData(seed));
        Files.writeString(work.resolve("user-data"), userData(seed));
        Files.writeString(work.resolve("vendor-data"), vendorData(seed));
        Files.writeString(work.resolve("network-config"), networkConfig(seed));
        HostCommand.Result result = HostCommand.of(
                        "genisoimage",
                        "-quiet",
                        "-volid",
                        "cidata",
                        "-joliet",
                        "-rock",
                        "-input-charset",
                        "utf-8",
                        "-output",
                        "seed.iso",
                        "meta-data",
                        "user-data",
                        "vendor-data",
                        "network-config")
                .in(work)
                .timeout(PATIENCE)
                .run();
        if (!result.succeeded()) {
            LOG.errorf("genisoimage ended with %d: %s", result.exitCode(), result.errors());
            throw new IOException("genisoimage failed");
        }
        Path iso = work.resolve("seed.iso");
        Files.setPosixFilePermissions(iso, PosixFilePermissions.fromString(PRIVATE_FILE));
        Files.move(iso, path(seed.machineId()), StandardCopyOption.ATOMIC_MOVE);
    }

    static String metaData(SeedSpec seed) {
        StringBuilder yaml = new StringBuilder();
        yaml.append("instance-id: ").append(quoted(seed.machineId().toString())).append('\n');
        yaml.append("local-hostname: ").append(quoted(seed.hostName())).append('\n');
        appendList(yaml, "public-keys", seed.sshKeys());
        return yaml.toString();
    }

    /** The user's own, untouched. */
    static String userData(SeedSpec seed) {
        return seed.userData() == null || seed.userData().isBlank() ? "#cloud-config\n{}\n" : seed.userData();
    }

    /** What the user's own data may overrule. */
    private String vendorData(SeedSpec seed) {
        StringBuilder yaml = new StringBuilder("#cloud-config\n");
        yaml.append("hostname: ").append(quoted(seed.hostName())).append('\n');
        appendList(yaml, "ssh_authorized_keys", seed.sshKeys());
        appendMounts(
                yaml,
                seed.shares().stream()
                        .map(share -> disks.sharing(share.storage().kind()).mount(share.storage()))
                        .toList());
        return yaml.toString();
    }

    /**
     * {@code mounts} is what cloud-init writes into a new machine's fstab; it looks at it once. {@code bootcmd} runs at each
     * boot, so that a machine that was there before mounts what it shares since.
     *
     * @see <a href="https://cloudinit.readthedocs.io/en/latest/reference/modules.html#mounts">cloud-init: mounts</a>
     */
    private static void appendMounts(StringBuilder yaml, List<ShareMount> mounts) {
        if (mounts.isEmpty()) {
            return;
        }
        yaml.append("mounts:\n");
        mounts.forEach(mount -> yaml.append("  - ").append(flow(mount.fields())).append('\n'));
        yaml.append("bootcmd:\n");
        for (ShareMount mount : mounts) {
            String once = "mountpoint -q " + mount.place() + " || { " + mount.command() + "; }";
            yaml.append("  - ").append(flow(List.of("sh", "-c", once))).append('\n');
        }
    }

    private static String flow(List<String> values) {
        return values.stream().map(SeedFiles::quoted).collect(Collectors.joining(", ", "[", "]"));
    }

    /**
     * Each card by its MAC, with its fixed address or DHCP, in the version 2 format.
     *
     * @see <a href="https://cloudinit.readthedocs.io/en/latest/reference/network-config-format-v2.html">cloud-init</a>
     */
    private String networkConfig(SeedSpec seed) {
        StringBuilder yaml =
                new StringBuilder("version: 2\nethernets:").append(seed.nics().isEmpty() ? " {}\n" : "\n");
        for (NicSpec nic : seed.nics()) {
            GuestAddress address = networks.get(nic.network().kind()).guestAddress(nic);
            yaml.append("  card").append(nic.position()).append(":\n");
            yaml.append("    match:\n      macaddress: ")
                    .append(quoted(nic.mac()))
                    .append('\n');
            yaml.append("    dhcp4: ").append(address.dhcp()).append('\n');
            if (!address.dhcp()) {
                yaml.append("    addresses:\n      - ")
                        .append(quoted(address.cidr()))
                        .append('\n');
                if (address.gateway() != null) {
                    yaml.append("    gateway4: ")
                            .append(quoted(address.gateway()))
                            .append('\n');
                }
                appendServers(yaml, address.dns());
            }
        }
        return yaml.toString();
    }

    private static void appendServers(StringBuilder yaml, List<String> servers) {
        if (!servers.isEmpty()) {
            yaml.append("    nameservers:\n      addresses:\n");
            servers.forEach(
                    server -> yaml.append("        - ").append(quoted(server)).append('\n'));
        }
    }

    private static void appendList(StringBuilder yaml, String key, List<String> values) {
        yaml.append(key).append(values.isEmpty() ? ": []\n" : ":\n");
        for (String value : values) {
            yaml.append("  - ").append(quoted(value)).append('\n');
        }
    }

    /** A YAML double-quoted scalar that is a JSON string as well, with everything escaped that YAML would not keep. */
    static String quoted(String value) {
        StringBuilder quoted = new StringBuilder(value.length() + 2).append('"');
        value.codePoints().forEach(character -> {
            if (character == '"' || character == '\\') {
                quoted.append('\\').append((char) character);
            } else if (Character.getType(character) == Character.SURROGATE) {
                quoted.append("\\ufffd");
            } else if (isPlain(character)) {
                quoted.appendCodePoint(character);
            } else {
                quoted.append("\\u%04x".formatted(character));
            }
        });
        return quoted.append('"').toString();
    }

    /** Neither a control character, nor a line or paragraph separator, nor one of those that no text may hold. */
    private static boolean isPlain(int character) {
        return character >= 0x20
                && (character < 0x7F || character > 0xA0)
                && character != 0x2028
                && character != 0x2029
                && character != 0xFEFF
                && character != 0xFFFE
                && character != 0xFFFF;
    }

    void delete(UUID machineId) {
        try {
            Files.deleteIfExists(path(machineId));
            removeLeftovers(machineId);
        } catch (IOException e) {
            LOG.errorf(e, "The seed of %s could not be deleted", machineId);
            throw new HypervisorException(Reason.FAILED, "The machine's first-boot data could not be deleted.", e);
        }
    }

    /** The machines that have a seed. */
    Set<UUID> machines() {
        try (var files = Files.list(directory.seeds())) {
            return files.map(file -> SEED.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(matcher -> UUID.fromString(matcher.group(1)))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new HypervisorException(Reason.FAILED, "The worker can't read its own directory.", e);
        }
    }

    /** What a worker that died in the middle left. */
    private void removeLeftovers(UUID machineId) throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(directory.seeds(), "." + machineId + "-*")) {
            for (Path leftover : leftovers) {
                removeTree(leftover);
            }
        }
    }

    private static void removeTree(Path work) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(work)) {
            entries.forEach(files::add);
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(work);
    }
}
