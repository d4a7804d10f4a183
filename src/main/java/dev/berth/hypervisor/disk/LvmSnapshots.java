package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.Progress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The snapshots of a disk that is a logical volume: volumes beside it that LVM copies each block to before it is
 * overwritten. When their room does not suffice they keep nothing any more, and the disk goes on without them.
 *
 * <p>Names are short, since device-mapper's are and LVM writes each hyphen twice there.
 *
 * @param disk the disk's volume
 * @param origin the name of its logical volume
 */
record LvmSnapshots(VolumeGroup group, UUID disk, String origin) {
    private static final String PREFIX = "berth-at-";
    private static final Pattern NAME = Pattern.compile(PREFIX + "([0-9a-f]{32})-([0-9a-f]{32})");
    private static final int FULL = 100;

    /** How full the group's snapshots are in percent, by their ids: 100 for those that keep nothing any more. */
    static Map<UUID, Integer> filled(VolumeGroup group) {
        Map<UUID, Integer> filled = new LinkedHashMap<>();
        for (LogicalVolume volume : group.volumes().values()) {
            Matcher name = NAME.matcher(volume.name());
            if (name.matches() && !volume.origin().isEmpty()) {
                int percent = volume.broken() ? FULL : Math.min(FULL - 1, (int) volume.filledPercent());
                filled.merge(uuid(name.group(2)), percent, Math::max);
            }
        }
        return filled;
    }

    /** Those that keep what they shall. */
    Set<UUID> whole() {
        return volumes().stream()
                .filter(volume -> volume.origin().equals(origin) && !volume.broken())
                .map(LvmSnapshots::id)
                .collect(Collectors.toSet());
    }

    private List<LogicalVolume> volumes() {
        return group.volumes().values().stream()
                .filter(volume -> volume.name().startsWith(PREFIX + hex(disk) + '-'))
                .filter(volume -> NAME.matcher(volume.name()).matches())
                .toList();
    }

    private Optional<LogicalVolume> volume(UUID snapshot) {
        return Optional.ofNullable(group.volumes().get(name(snapshot)));
    }

    String name(UUID snapshot) {
        return PREFIX + hex(disk) + '-' + hex(snapshot);
    }

    /** @param percent its room for changes, as a share of the disk's size */
    void take(UUID snapshot, int percent) {
        if (!whole().contains(snapshot)) {
            delete(snapshot);
            group.snapshot(origin, name(snapshot), percent);
        }
    }

    /**
     * Writes over the disk what the snapshot keeps, where that differs. LVM's own way, merging, would use up the snapshot
     * and free its blocks with all that is in them.
     */
    void revert(UUID snapshot, Progress progress) {
        makeRoom(snapshot);
        BlockCopy.differing(
                group.device(name(snapshot)),
                group.device(origin),
                group.volumes().get(origin).bytes(),
                progress);
    }

    /** What is overwritten now goes into each other snapshot that does not have it yet. */
    private void makeRoom(UUID snapshot) {
        long needed = volume(snapshot).map(LogicalVolume::filledBytes).orElse(0L);
        for (LogicalVolume other : volumes()) {
            if (!id(other).equals(snapshot)
                    && !other.broken()
                    && !other.origin().isEmpty()
                    && other.bytes() - other.filledBytes() < needed) {
                group.extend(other.name(), other.bytes() + needed);
            }
        }
    }

    /** Its blocks hold what the disk held: they are wiped before they are free. */
    void delete(UUID snapshot) {
        volume(snapshot).ifPresent(this::delete);
    }

    private void delete(LogicalVolume snapshot) {
        if (!snapshot.origin().isEmpty()) {
            group.split(snapshot.name());
        }
        group.activate(snapshot.name());
        group.wipe(snapshot.name(), snapshot.bytes(), Progress.NONE);
        group.remove(snapshot.name());
    }

    void deleteAll() {
        volumes().forEach(this::delete);
    }

    private static UUID id(LogicalVolume volume) {
        Matcher name = NAME.matcher(volume.name());
        if (!name.matches()) {
            throw new IllegalArgumentException(volume.name());
        }
        return uuid(name.group(2));
    }

    private static String hex(UUID id) {
        return id.toString().replace("-", "");
    }

    private static UUID uuid(String hex) {
        return UUID.fromString(hex.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5"));
    }
}
