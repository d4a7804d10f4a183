package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.BlockSource;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.KindField.Offer;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.QemuImg;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.XmlTemplates;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.EnumSet;
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
 * A logical volume in a volume group that the host has. It is made under another name and takes its own when it is whole,
 * so that a volume of that name always is. The group is no pool of libvirt's: libvirt deactivates all of a group, the
 * host's own volumes too, when its pool is stopped.
 */
@Singleton
public class LvmDisk implements DiskKind {
    private static final String FILE = "disk/lvm";
    private static final String GROUP = "group";
    private static final String UNFINISHED = "berth-new-";
    private static final String WHOLE = "berth-";
    private static final Pattern OURS = Pattern.compile("berth-(?:new-)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})");
    private static final int LITTLE_ROOM_PERCENT = 10;
    private static final String SNAPSHOT_PERCENT = "snapshotPercent";
    private static final int DEFAULT_PERCENT = 20;
    /** A volume's mark: what lies behind this byte was added and may still hold what somebody else wrote. */
    private static final String UNZEROED = "berth-unzeroed-";

    private final XmlTemplates templates;

    public LvmDisk(XmlTemplates templates) {
        this.templates = templates;
    }

    @Override
    public String id() {
        return "lvm";
    }

    @Override
    public Traits traits() {
        return new Traits(
                "LVM volume",
                "Fast: hardly anything lies between a machine and the device. Flexible: volumes are made and grown as needed,"
                        + " and have snapshots.",
                "Thick: a volume takes all its space at once, and the image is copied for each machine. Snapshots are slow"
                        + " and make the disk slow as long as they are kept.",
                "A volume for each disk in a group that the host has, filled from the image with progress, and wiped"
                        + " before its space is free again. Snapshots have room for a share of the disk, and the owner is"
                        + " told before one is full.");
    }

    @Override
    public DiskFit fit() {
        return new DiskFit(true, DiskFit.Speed.DEVICE, false, false);
    }

    @Override
    public Set<Ability> abilities() {
        return EnumSet.of(Ability.SYSTEM_DISK, Ability.GROW, Ability.GROWS_BENEATH, Ability.SNAPSHOTS);
    }

    @Override
    public List<KindField> fields() {
        List<KindField> fields = new ArrayList<>();
        fields.add(KindField.required(
                        GROUP,
                        "Volume group",
                        "One that is there on every host that offers this storage. Volumes that Berth did not make stay"
                                + " as they are.",
                        "vg0")
                .offering(Offer.VOLUME_GROUPS));
        fields.add(KindField.optional(
                        SNAPSHOT_PERCENT,
                        "Room for a snapshot",
                        "Percent of the disk's size that may change while a snapshot is kept; it takes that much of the"
                                + " group at once. When more changes the snapshot is lost. 100 is always enough; empty for "
                                + DEFAULT_PERCENT + ".",
                        "20")
                .changeable()
                .in("Snapshots"));
        fields.addAll(SnapshotSettings.fields());
        fields.addAll(DiskSettings.fields("none", "writeback", "writethrough", "directsync"));
        return fields;
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>();
        if (!VolumeGroup.isName(config.getOrDefault(GROUP, ""))) {
            problems.put(
                    GROUP,
                    "Write the name of a volume group of up to 40 characters, for example vg0; \"vgs\" on the host lists"
                            + " them.");
        }
        String percent = config.getOrDefault(SNAPSHOT_PERCENT, "");
        if (!percent.isEmpty() && !percent.matches("[1-9]\\d?|100")) {
            problems.put(SNAPSHOT_PERCENT, "Write a whole number of percent from 1 to 100, or leave it empty.");
        }
        problems.putAll(SnapshotSettings.problems(config));
        problems.putAll(DiskSettings.problems(config));
        return problems;
    }

    @Override
    public HostCheck check(StorageSpec storage, LibvirtHost host) {
        if (!VolumeGroup.deviceMapper()) {
            return HostCheck.problems(List.of("The kernel of host " + host.name()
                    + " has no device-mapper, which LVM needs. Load the module dm_mod, or choose another kind."));
        }
        if (!VolumeGroup.usable()) {
            return HostCheck.problems(List.of("Host " + host.name() + " has no LVM. Install the package lvm2 there."));
        }
        Optional<StorageSpace> space = group(storage).space();
        if (space.isEmpty()) {
            return HostCheck.problems(List.of("Host " + host.name() + " has no volume group "
                    + group(storage).name() + ". Make it there with \"vgcreate\", or put the profile right."));
        }
        boolean little = space.get().free() * 100 < space.get().total() * LITTLE_ROOM_PERCENT;
        return new HostCheck(
                List.of(),
                little
                        ? List.of("Less than a tenth of the volume group on host " + host.name()
                                + " is free. Give it another device before it is full.")
                        : List.of(),
                space.get().facts());
    }

    /** @throws HypervisorException {@code REJECTED} for a name that can't be one */
    private static VolumeGroup group(StorageSpec storage) {
        String name = storage.config().getOrDefault(GROUP, "");
        if (!VolumeGroup.isName(name)) {
            throw new HypervisorException(Reason.REJECTED, "The storage profile names no volume group.");
        }
        return new VolumeGroup(name);
    }

    @Override
    public void ensureStorage(StorageSpec storage, LibvirtHost host) {
        check(storage, host).problems().stream().findFirst().ifPresent(problem -> {
            throw new HypervisorException(Reason.MISSING, problem);
        });
    }

    @Override
    public boolean exists(DiskSpec disk, LibvirtHost host) {
        return group(disk.storage()).volumes().containsKey(WHOLE + disk.volume());
    }

    @Override
    public void ensure(DiskSpec disk, LibvirtHost host, Progress progress) {
        Map<String, LogicalVolume> volumes = group(disk.storage()).volumes();
        if (volumes.containsKey(WHOLE + disk.volume())) {
            grow(disk, progress);
        } else if (disk.base() == null) {
            make(disk, volumes, device -> QemuImg.zero(device, 0, disk.bytes(), progress));
        } else {
            BaseImages.refuseUnfit(disk.base(), disk.bytes(), host.name());
            fill(
                    disk,
                    volumes,
                    new BlockSource(disk.base().format(), disk.base().path()),
                    progress);
        }
    }

    @Override
    public void fill(DiskSpec disk, BlockSource from, LibvirtHost host, Progress progress) {
        Map<String, LogicalVolume> volumes = group(disk.storage()).volumes();
        if (!volumes.containsKey(WHOLE + disk.volume())) {
            fill(disk, volumes, from, progress);
        }
    }

    private static void fill(DiskSpec disk, Map<String, LogicalVolume> volumes, BlockSource from, Progress progress) {
        long filled = BaseImages.fitting(disk, from);
        make(disk, volumes, device -> {
            QemuImg.fill(from, filled, device, (done, total) -> progress.at(done, disk.bytes()));
            QemuImg.zero(device, filled, disk.bytes(), (done, total) -> progress.at(filled + done, disk.bytes()));
        });
    }

    private interface Content {
        void into(BlockSource device);
    }

    private static void make(DiskSpec disk, Map<String, LogicalVolume> volumes, Content content) {
        VolumeGroup group = group(disk.storage());
        String unfinished = UNFINISHED + disk.volume();
        if (!volumes.containsKey(unfinished)) {
            group.create(unfinished, disk.bytes());
        }
        content.into(new BlockSource("raw", group.device(unfinished).toString()));
        group.rename(unfinished, WHOLE + disk.volume());
    }

    /**
     * What is added held something else before, maybe. A mark, which is there before anything is added, says where that
     * begins: whoever carries on makes it zero, and machines are started, or told of the size, only after that.
     */
    private static void grow(DiskSpec disk, Progress progress) {
        VolumeGroup group = group(disk.storage());
        String name = WHOLE + disk.volume();
        LogicalVolume volume = group.volumes().get(name);
        Optional<String> mark =
                volume.tags().stream().filter(tag -> tag.startsWith(UNZEROED)).findFirst();
        if (mark.isEmpty() && volume.bytes() >= disk.bytes()) {
            return;
        }
        String unzeroed = mark.orElse(UNZEROED + volume.bytes());
        if (mark.isEmpty()) {
            group.tag(name, unzeroed);
        }
        if (volume.bytes() < disk.bytes()) {
            group.extend(name, disk.bytes());
        }
        BlockSource device = new BlockSource("raw", group.device(name).toString());
        long from = Long.parseLong(unzeroed.substring(UNZEROED.length()));
        QemuImg.zero(device, from, group.volumes().get(name).bytes(), progress);
        group.untag(name, unzeroed);
    }

    @Override
    public void delete(DiskSpec disk, LibvirtHost host, Progress progress) {
        VolumeGroup group = group(disk.storage());
        snapshotsOf(disk).deleteAll();
        Map<String, LogicalVolume> volumes = group.volumes();
        for (String name : List.of(UNFINISHED + disk.volume(), WHOLE + disk.volume())) {
            if (volumes.containsKey(name)) {
                group.wipe(name, volumes.get(name).bytes(), progress);
                group.remove(name);
            }
        }
    }

    private static LvmSnapshots snapshotsOf(DiskSpec disk) {
        return new LvmSnapshots(group(disk.storage()), disk.volume(), WHOLE + disk.volume());
    }

    @Override
    public String snapshotPrice() {
        return "Slow, and many reads and writes: as long as a snapshot is kept, each block is copied before it is first"
                + " overwritten, so the disk writes at a fraction of its speed. A snapshot has room for a share of the disk;"
                + " when more is overwritten it is lost. Delete it when you no longer need it.";
    }

    @Override
    public Set<UUID> snapshots(DiskSpec disk, LibvirtHost host) {
        return snapshotsOf(disk).whole();
    }

    @Override
    public Map<UUID, Integer> snapshotsFilled(StorageSpec storage, LibvirtHost host) {
        return VolumeGroup.usable() ? LvmSnapshots.filled(group(storage)) : Map.of();
    }

    @Override
    public void takeSnapshot(DiskSpec disk, UUID snapshot, LibvirtHost host) {
        String percent = disk.storage().config().getOrDefault(SNAPSHOT_PERCENT, "");
        snapshotsOf(disk).take(snapshot, percent.isEmpty() ? DEFAULT_PERCENT : Integer.parseInt(percent));
    }

    @Override
    public void revert(DiskSpec disk, UUID snapshot, LibvirtHost host, Progress progress) {
        snapshotsOf(disk).revert(snapshot, progress);
    }

    @Override
    public void deleteSnapshot(DiskSpec disk, UUID snapshot, LibvirtHost host) {
        snapshotsOf(disk).delete(snapshot);
    }

    /** All its room: it is taken from the group at once. */
    @Override
    public long snapshotBytes(DiskSpec disk, UUID snapshot, LibvirtHost host) {
        LogicalVolume volume =
                group(disk.storage()).volumes().get(snapshotsOf(disk).name(snapshot));
        return volume == null ? 0 : volume.bytes();
    }

    @Override
    public BlockSource snapshotSource(DiskSpec disk, UUID snapshot, LibvirtHost host) {
        return new BlockSource(
                "raw",
                group(disk.storage()).device(snapshotsOf(disk).name(snapshot)).toString());
    }

    @Override
    public Set<UUID> volumes(StorageSpec storage, LibvirtHost host) {
        if (!VolumeGroup.usable()) {
            return Set.of();
        }
        return group(storage).volumes().keySet().stream()
                .map(OURS::matcher)
                .filter(Matcher::matches)
                .map(matcher -> UUID.fromString(matcher.group(1)))
                .collect(Collectors.toSet());
    }

    @Override
    public BlockSource source(DiskSpec disk, LibvirtHost host) {
        return new BlockSource("raw", path(disk));
    }

    private static String path(DiskSpec disk) {
        return group(disk.storage()).device(WHOLE + disk.volume()).toString();
    }

    @Override
    public String render(DiskSpec disk) {
        return DiskXml.render(
                templates,
                disk,
                DiskSettings.of(disk.storage().config(), "none"),
                "block",
                "raw",
                templates.render(FILE, "source", Map.of("path", path(disk))));
    }
}
