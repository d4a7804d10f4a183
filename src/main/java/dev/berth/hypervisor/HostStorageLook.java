package dev.berth.hypervisor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.hypervisor.disk.DiskPlaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Looks at what the host has for disks, through findmnt(8), vgs(8) and lsblk(8). The worker runs next to its host, so the
 * host's are the worker's too. What a host has no tool for, it has not.
 */
final class HostStorageLook {
    private static final Logger LOG = Logger.getLogger(HostStorageLook.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path STABLE_NAMES = Path.of("/dev/disk/by-id");
    private static final Set<String> FILE_SYSTEMS =
            Set.of("btrfs", "ceph", "ext2", "ext3", "ext4", "f2fs", "nfs", "nfs4", "overlay", "xfs", "zfs");
    private static final Set<String> WHOLE =
            Set.of("disk", "loop", "mpath", "raid0", "raid1", "raid5", "raid6", "raid10");
    private static final long SMALLEST = 1L << 30;
    private static final int MOST = 100;

    private HostStorageLook() {}

    static HostStorage take() {
        return new HostStorage(
                directories(run(
                        "findmnt", "--json", "--bytes", "--list", "--real", "-o", "TARGET,FSTYPE,SIZE,AVAIL,OPTIONS")),
                groups(run(
                        "vgs",
                        "--reportformat",
                        "json",
                        "--units",
                        "b",
                        "--nosuffix",
                        "-o",
                        "vg_name,vg_size,vg_free")),
                devices(
                        run(
                                "lsblk",
                                "--json",
                                "--bytes",
                                "-o",
                                "NAME,PATH,TYPE,SIZE,MODEL,FSTYPE,PTTYPE,MOUNTPOINT,RO"),
                        stableNames()));
    }

    private static JsonNode run(String... command) {
        try {
            HostCommand.Result result = HostCommand.of(command).run();
            if (result.succeeded()) {
                return JSON.readTree(result.output());
            }
        } catch (HypervisorException e) {
            LOG.debugf("%s is not on the host", command[0]);
        } catch (JsonProcessingException e) {
            LOG.warnf("%s wrote what can't be read: %s", command[0], e.getOriginalMessage());
        }
        return JSON.nullNode();
    }

    static List<HostStorage.Directory> directories(JsonNode findmnt) {
        List<HostStorage.Directory> found = new ArrayList<>();
        for (JsonNode mount : findmnt.path("filesystems")) {
            String target = mount.path("target").asText();
            boolean fits = FILE_SYSTEMS.contains(mount.path("fstype").asText())
                    && !List.of(mount.path("options").asText().split(",")).contains("ro")
                    && mount.path("size").asLong() >= SMALLEST;
            if (fits) {
                DiskPlaces.on(target)
                        .map(path -> new HostStorage.Directory(
                                path,
                                mount.path("size").asLong(),
                                mount.path("avail").asLong()))
                        .ifPresent(found::add);
            }
        }
        return sorted(found.stream(), Comparator.comparing(HostStorage.Directory::path));
    }

    static List<HostStorage.Group> groups(JsonNode vgs) {
        List<HostStorage.Group> found = new ArrayList<>();
        for (JsonNode report : vgs.path("report")) {
            for (JsonNode group : report.path("vg")) {
                found.add(new HostStorage.Group(
                        group.path("vg_name").asText(),
                        group.path("vg_size").asLong(),
                        group.path("vg_free").asLong()));
            }
        }
        return sorted(found.stream(), Comparator.comparing(HostStorage.Group::name));
    }

    static List<HostStorage.Device> devices(JsonNode lsblk, Map<String, String> stableNames) {
        List<HostStorage.Device> found = new ArrayList<>();
        for (JsonNode device : lsblk.path("blockdevices")) {
            boolean fits = WHOLE.contains(device.path("type").asText())
                    && device.path("size").asLong() > 0
                    && !device.path("ro").asBoolean();
            if (fits) {
                String path = device.path("path").asText();
                found.add(new HostStorage.Device(
                        stableNames.getOrDefault(path, path),
                        device.path("name").asText(),
                        device.path("size").asLong(),
                        text(device, "model").strip(),
                        use(device)));
            }
        }
        return sorted(found.stream(), Comparator.comparing(HostStorage.Device::name));
    }

    private static String use(JsonNode device) {
        Optional<String> mount = mount(device);
        if (mount.isPresent()) {
            return mount.get().startsWith("[") ? "in use as swap" : "mounted at " + mount.get();
        }
        if (!text(device, "fstype").isEmpty()) {
            return "holds " + text(device, "fstype");
        }
        return device.path("children").isEmpty() && text(device, "pttype").isEmpty() ? "" : "has partitions";
    }

    private static Optional<String> mount(JsonNode device) {
        String here = text(device, "mountpoint");
        if (!here.isEmpty()) {
            return Optional.of(here);
        }
        for (JsonNode child : device.path("children")) {
            Optional<String> below = mount(child);
            if (below.isPresent()) {
                return below;
            }
        }
        return Optional.empty();
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).isNull() ? "" : node.path(field).asText();
    }

    /** By the kernel's path; of several names the one that people can read. */
    private static Map<String, String> stableNames() {
        Map<String, String> names = new HashMap<>();
        if (!Files.isDirectory(STABLE_NAMES)) {
            return names;
        }
        try (Stream<Path> links = Files.list(STABLE_NAMES)) {
            for (Path link : links.sorted(
                            Comparator.comparing(HostStorageLook::hardToRead).thenComparing(Path::toString))
                    .toList()) {
                names.putIfAbsent(link.toRealPath().toString(), link.toString());
            }
        } catch (IOException e) {
            LOG.debugf("The devices' stable names could not be read: %s", e.getMessage());
        }
        return names;
    }

    private static boolean hardToRead(Path link) {
        String name = link.getFileName().toString();
        return name.startsWith("wwn-") || name.startsWith("nvme-eui.");
    }

    private static <T> List<T> sorted(Stream<T> found, Comparator<T> order) {
        return found.distinct().sorted(order).limit(MOST).toList();
    }
}
