package dev.berth.hypervisor.disk;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A block device of the worker's machine, a whole one or a partition: what it is, what uses it and what it holds. Nothing
 * here writes to it.
 *
 * @param path as it was written
 * @param real what that leads to now, {@code /dev/sdb}
 */
record BlockDevice(String path, Path real) {
    private static final Pattern PATH = Pattern.compile("/dev(/[A-Za-z0-9#+:=@_\\\\-][A-Za-z0-9#+.:=@_\\\\-]*)+");
    private static final List<String> CHANGEABLE =
            List.of("/dev/disk/by-label/", "/dev/disk/by-uuid/", "/dev/disk/by-partlabel/");
    private static final int MOST_PATH = 200;
    private static final Path SYSTEM = Path.of("/sys/class/block");
    private static final int TYPE_OF_FILE = 0170000;
    private static final int BLOCK_DEVICE = 0060000;
    private static final long SECTOR = 512;
    private static final Duration QUICK = Duration.ofSeconds(30);
    private static final int TRIES = 10;
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(200);
    private static final Set<String> PLAIN = Set.of("disk", "part", "loop", "rom", "mpath");
    private static final ObjectMapper JSON = new ObjectMapper();

    static final String WRITE_A_PATH =
            "Write a path below /dev that stays the same, best one of /dev/disk/by-id, of letters, digits and . _ : + = @ # -";

    static boolean isPath(String path) {
        return path.length() <= MOST_PATH && PATH.matcher(path).matches();
    }

    /** What of the programs by which devices are looked at, wiped and so on is not on the host, each a sentence. */
    static List<String> missingPrograms(String host, String... more) {
        return Stream.concat(Stream.of("lsblk", "wipefs", "blkdiscard", "blockdev"), Stream.of(more))
                .filter(program -> !isInstalled(program))
                .map(program -> "The program " + program + " can't be run on host " + host
                        + ". Install it there; Debian has it in util-linux or fdisk.")
                .toList();
    }

    private static boolean isInstalled(String program) {
        try {
            return HostCommand.of(program, "--version").run().succeeded();
        } catch (HypervisorException e) {
            return false;
        }
    }

    /** A name that a file system or a partition's label says: whoever may write to any device of the host may take it. */
    static boolean isChangeable(String path) {
        return CHANGEABLE.stream().anyMatch(path::startsWith);
    }

    /** Empty when there is no block device there. */
    static Optional<BlockDevice> find(String path) {
        if (!isPath(path)) {
            return Optional.empty();
        }
        try {
            Path real = Path.of(path).toRealPath();
            boolean block = ((int) Files.getAttribute(real, "unix:mode") & TYPE_OF_FILE) == BLOCK_DEVICE;
            return block && real.startsWith("/dev") ? Optional.of(new BlockDevice(path, real)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** @throws HypervisorException {@code MISSING} when it is not there */
    static BlockDevice require(String path, String host) {
        return find(path)
                .orElseThrow(() -> new HypervisorException(
                        Reason.MISSING,
                        "The device " + path + " is not on host " + host + ". Connect it again, then retry."));
    }

    /** The kernel's directory about it. */
    Path system() {
        String name = real.toString().substring("/dev/".length()).replace('/', '!');
        Path direct = SYSTEM.resolve(name);
        if (Files.exists(direct)) {
            return direct;
        }
        try {
            long device = (long) Files.getAttribute(real, "unix:rdev");
            long major = (device >> 8) & 0xFFF;
            long minor = (device & 0xFF) | ((device >> 12) & 0xFFF00);
            return Path.of("/sys/dev/block", major + ":" + minor).toRealPath();
        } catch (IOException e) {
            return direct;
        }
    }

    boolean isPartition() {
        return Files.exists(system().resolve("partition"));
    }

    long bytes() {
        String sectors = text(system().resolve("size"));
        return sectors.isEmpty() ? 0 : Long.parseLong(sectors) * SECTOR;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** Whether they have bytes in common: the same device, or a disk and a partition of it. */
    boolean overlaps(BlockDevice other) {
        return real.equals(other.real)
                || disk().equals(other.system())
                || other.disk().equals(system());
    }

    private Path disk() {
        try {
            return isPartition()
                    ? SYSTEM.resolve(system().toRealPath().getParent().getFileName())
                    : system();
        } catch (IOException e) {
            return system();
        }
    }

    /** @param thorough reads samples of it, too */
    DeviceLook look(boolean thorough) {
        JsonNode about = lsblk().path(0);
        String inUse = inUse();
        String data = signatures();
        if (data.isEmpty() && thorough && inUse.isEmpty() && !DeviceWipe.holdsNothing(this)) {
            data = "It holds data, of a kind that is not known here.";
        }
        return new DeviceLook(
                path,
                real.toString(),
                bytes(),
                first(about.path("serial").asText(""), text(system().resolve("serial"))),
                about.path("model").asText("").strip(),
                inUse,
                data);
    }

    private static String first(String one, String other) {
        return one.isBlank() || one.equals("null") ? other : one.strip();
    }

    private JsonNode lsblk() {
        HostCommand.Result result = HostCommand.of(
                        "lsblk", "--json", "--bytes", "-o", "NAME,TYPE,MOUNTPOINTS,SERIAL,MODEL", real.toString())
                .timeout(QUICK)
                .run();
        return json(result.output()).path("blockdevices");
    }

    private static JsonNode json(String text) {
        try {
            return text.isBlank() ? JSON.createObjectNode() : JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new HypervisorException(Reason.FAILED, "What the host says of its devices can't be read.", e);
        }
    }

    /** Why nothing may be written to it, a sentence; empty when nothing uses it. */
    String inUse() {
        return uses(lsblk())
                .or(() -> holders(system()))
                .or(() -> text(system().resolve("ro")).equals("1")
                        ? Optional.of("It can only be read, not written.")
                        : Optional.empty())
                .or(this::openInQemu)
                .or(() -> take().map(claim -> {
                            claim.close();
                            return Optional.<String>empty();
                        })
                        .orElse(Optional.of("Something on the host holds it.")))
                .orElse("");
    }

    private static Optional<String> uses(JsonNode devices) {
        for (JsonNode device : devices) {
            for (JsonNode mount : device.path("mountpoints")) {
                if (mount.isTextual()) {
                    return Optional.of(
                            mount.asText().equals("[SWAP]")
                                    ? "The host swaps to it."
                                    : "It is mounted on the host, at " + mount.asText() + ".");
                }
            }
            String type = device.path("type").asText();
            if (!PLAIN.contains(type)) {
                return Optional.of("It is part of " + device.path("name").asText() + " (" + type + ") on the host.");
            }
            Optional<String> below = uses(device.path("children"));
            if (below.isPresent()) {
                return below;
            }
        }
        return Optional.empty();
    }

    /** Volume groups, arrays and encryption on it or on one of its partitions. */
    private static Optional<String> holders(Path system) {
        Optional<String> own =
                names(system.resolve("holders")).findFirst().map(name -> "It is part of " + name + " on the host.");
        return own.isPresent()
                ? own
                : names(system)
                        .map(system::resolve)
                        .filter(child -> Files.exists(child.resolve("partition")))
                        .map(child -> names(child.resolve("holders"))
                                .findFirst()
                                .map(name -> "A partition of it is part of " + name + " on the host."))
                        .flatMap(Optional::stream)
                        .findFirst();
    }

    private static Stream<String> names(Path directory) {
        String[] names = directory.toFile().list();
        return names == null ? Stream.empty() : Stream.of(names).sorted();
    }

    /** A machine's disk is opened by QEMU without being held. */
    private Optional<String> openInQemu() {
        return names(Path.of("/proc"))
                .filter(name -> Character.isDigit(name.charAt(0)))
                .map(Path.of("/proc")::resolve)
                .filter(process -> text(process.resolve("comm")).startsWith("qemu"))
                .filter(process -> names(process.resolve("fd"))
                        .anyMatch(descriptor -> leadsHere(process.resolve("fd").resolve(descriptor))))
                .findFirst()
                .map(process -> "A virtual machine on the host has it open.");
    }

    private boolean leadsHere(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).equals(real);
        } catch (IOException e) {
            return false;
        }
    }

    /** Signs of file systems, partition tables, volumes, arrays and so on, a sentence; empty when there are none. */
    String signatures() {
        HostCommand.Result result = HostCommand.of("wipefs", "--no-act", "--json", real.toString())
                .timeout(QUICK)
                .run();
        if (!result.succeeded()) {
            return "It can't be read on the host: " + result.errors().strip();
        }
        Set<String> found = new TreeSet<>();
        StreamSupport.stream(json(result.output()).path("signatures").spliterator(), false)
                .forEach(signature -> found.add(signature.path("type").asText()));
        return found.isEmpty()
                ? ""
                : "It holds data that Berth did not put there: " + String.join(", ", List.copyOf(found)) + ".";
    }

    /** Holds it for ourselves. Whoever only looks at it holds it for a moment, too. */
    Optional<DeviceClaim> take() {
        Optional<DeviceClaim> claim = DeviceClaim.take(real);
        for (int i = 1; claim.isEmpty() && i < TRIES; i++) {
            LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
            claim = DeviceClaim.take(real);
        }
        return claim;
    }

    /** @throws HypervisorException {@code REJECTED} when something uses it */
    DeviceClaim claim(String host) {
        String inUse = inUse();
        if (!inUse.isEmpty()) {
            throw inUse(host, inUse);
        }
        return take().orElseThrow(() -> inUse(host, "Something on the host holds it."));
    }

    private HypervisorException inUse(String host, String why) {
        return new HypervisorException(
                Reason.REJECTED,
                "Nothing is written to device " + path + " on host " + host + ": " + why + " Free it, then retry.");
    }
}
