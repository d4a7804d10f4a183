package dev.berth.hypervisor.disk;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.hypervisor.BlockSource;
import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.QemuImg;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An LVM volume group of the worker's host and its logical volumes, by the tools of lvm2.
 *
 * @param name of the group
 */
record VolumeGroup(String name) {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();
    /** As lvm(8) allows them. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9+_][A-Za-z0-9+_.-]{0,126}");

    /** What device-mapper's names of 127 characters leave beside that of a snapshot; it has each hyphen twice. */
    private static final int MOST_MAPPED = 45;

    static boolean isName(String text) {
        return NAME.matcher(text).matches() && text.replace("-", "--").length() <= MOST_MAPPED;
    }

    /** Whether the kernel has device-mapper, which logical volumes are made of. */
    static boolean deviceMapper() {
        try {
            return Files.readString(Path.of("/proc/misc")).contains("device-mapper")
                    && Files.exists(Path.of("/dev/mapper/control"));
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether the host has what logical volumes need, the kernel's part and the tools. */
    static boolean usable() {
        return deviceMapper()
                && List.of("/usr/sbin/lvs", "/sbin/lvs", "/usr/bin/lvs").stream()
                        .anyMatch(tool -> Files.isExecutable(Path.of(tool)));
    }

    /** How much room it has; empty if there is no such group. */
    Optional<StorageSpace> space() {
        return rows("vgs", "vg", "vg_name,vg_size,vg_free").stream()
                .filter(row -> row.path("vg_name").asText().equals(name))
                .map(row -> new StorageSpace(
                        row.path("vg_size").asLong(), row.path("vg_free").asLong()))
                .findFirst();
    }

    /** Its volumes by name. */
    Map<String, LogicalVolume> volumes() {
        Map<String, LogicalVolume> volumes = new LinkedHashMap<>();
        for (JsonNode row : rows("lvs", "lv", "vg_name,lv_name,lv_size,lv_attr,lv_tags,origin,snap_percent")) {
            if (row.path("vg_name").asText().equals(name)) {
                String volume = row.path("lv_name").asText();
                volumes.put(
                        volume,
                        new LogicalVolume(
                                volume,
                                row.path("lv_size").asLong(),
                                row.path("origin").asText(),
                                row.path("snap_percent").asDouble(),
                                broken(row.path("lv_attr").asText()),
                                Set.of(row.path("lv_tags").asText().split(","))));
            }
        }
        return volumes;
    }

    /** The fifth letter is the state: I and S are those of snapshots that are no longer valid, see lvs(8). */
    private static boolean broken(String attributes) {
        return attributes.length() > 4 && "IS".indexOf(attributes.charAt(4)) >= 0;
    }

    private static List<JsonNode> rows(String tool, String report, String columns) {
        String output =
                run("look at the volumes", tool, "--reportformat", "json", "--units", "b", "--nosuffix", "-o", columns);
        try {
            List<JsonNode> rows = new ArrayList<>();
            JSON.readTree(output).path("report").path(0).path(report).forEach(rows::add);
            return rows;
        } catch (JsonProcessingException e) {
            throw new HypervisorException(Reason.FAILED, "What LVM says of its volumes can't be read.", e);
        }
    }

    /** Where a volume's bytes are. */
    Path device(String volume) {
        return Path.of("/dev", name, volume);
    }

    void create(String volume, long bytes) {
        run(
                "make the volume",
                "lvcreate",
                "--yes",
                "--wipesignatures",
                "y",
                "--name",
                volume,
                "--size",
                bytes + "b",
                name);
    }

    void rename(String volume, String to) {
        run("name the volume", "lvrename", name, volume, to);
    }

    void extend(String volume, long bytes) {
        run("grow the volume", "lvextend", "--size", bytes + "b", name + '/' + volume);
    }

    void tag(String volume, String tag) {
        run("mark the volume", "lvchange", "--addtag", tag, name + '/' + volume);
    }

    void untag(String volume, String tag) {
        run("mark the volume", "lvchange", "--deltag", tag, name + '/' + volume);
    }

    /** @param percent its room for changes, as a share of the volume's size */
    void snapshot(String volume, String snapshot, int percent) {
        run(
                "take the snapshot",
                "lvcreate",
                "--yes",
                "--snapshot",
                "--name",
                snapshot,
                "--extents",
                percent + "%ORIGIN",
                name + '/' + volume);
    }

    /** Makes a plain volume of a snapshot: its origin goes on without it. */
    void split(String snapshot) {
        run("delete the snapshot", "lvconvert", "--yes", "--splitsnapshot", name + '/' + snapshot);
    }

    void activate(String volume) {
        run("reach the volume", "lvchange", "--activate", "y", name + '/' + volume);
    }

    /** Makes all of it zero, and reads it back. */
    void wipe(String volume, long bytes, Progress progress) {
        BlockSource source = new BlockSource("raw", device(volume).toString());
        QemuImg.zero(source, 0, bytes, (done, total) -> progress.at(done / 2, bytes));
        if (!QemuImg.isZero(source, 0, bytes, (done, total) -> progress.at((bytes + done) / 2, bytes))) {
            throw new HypervisorException(
                    Reason.FAILED,
                    "The disk's volume was overwritten with zeros but reads back something else, so its space is not"
                            + " given back. Have somebody look at the device below it.");
        }
    }

    void remove(String volume) {
        run("remove the volume", "lvremove", "--yes", name + '/' + volume);
    }

    private static String run(String task, String... command) {
        HostCommand.Result result = HostCommand.of(command).timeout(PATIENCE).run();
        if (!result.succeeded()) {
            String said = result.errors().strip();
            boolean full = said.contains("insufficient free space") || said.contains("nsufficient free extents");
            throw new HypervisorException(
                    full ? Reason.NO_RESOURCES : Reason.FAILED,
                    full
                            ? "There is no room left for that in the volume group. An admin has to make room there."
                            : "The host could not " + task + ": " + said);
        }
        return result.output();
    }
}
