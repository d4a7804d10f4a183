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
                "Fast: hardly anything lies between a machine and the device. Flexible: volumes are made and grown as needed.",
                "Thick: a volume takes all its space at once, and the image is copied for each machine.",
                "A volume for each disk in a group that the host has, filled from the image with progress, and wiped"
                        + " before its space is free again.");
    }

    @Override
    public DiskFit fit() {
        return new DiskFit(false, DiskFit.Speed.DEVICE, false, false);
    }

    @Override
    public Set<Ability> abilities() {
        return EnumSet.of(Ability.SYSTEM_DISK, Ability.GROW, Ability.GROWS_BENEATH);
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
        fields.addAll(DiskSettings.fields("none", "writeback", "writethrough", "directsync"));
        return fields;
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>();
        if (!VolumeGroup.isName(config.getOrDefault(GROUP, ""))) {
            problems.put(GROUP, "Write the name of a volume group, for example vg0; \"vgs\" on the host lists them.");
        }
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
        if (exists(disk, host)) {
            grow(disk, progress);
        } else if (disk.base() == null) {
            make(disk, device -> QemuImg.zero(device, 0, disk.bytes(), progress));
        } else {
            BaseImages.refuseUnfit(disk.base(), disk.bytes(), host.name());
            fill(disk, new BlockSource(disk.base().format(), disk.base().path()), host, progress);
        }
    }

    @Override
    public void fill(DiskSpec disk, BlockSource from, LibvirtHost host, Progress progress) {
        if (!exists(disk, host)) {
            BaseImages.refuseTooSmall(disk, from);
            long filled = QemuImg.virtualSize(from);
            make(disk, device -> {
                QemuImg.fill(from, device, (done, total) -> progress.at(done, disk.bytes()));
                QemuImg.zero(device, filled, disk.bytes(), (done, total) -> progress.at(filled + done, disk.bytes()));
            });
        }
    }

    private interface Content {
        void into(BlockSource device);
    }

    private static void make(DiskSpec disk, Content content) {
        VolumeGroup group = group(disk.storage());
        String unfinished = UNFINISHED + disk.volume();
        if (!group.volumes().containsKey(unfinished)) {
            group.create(unfinished, disk.bytes());
        }
        content.into(new BlockSource("raw", group.device(unfinished).toString()));
        group.rename(unfinished, WHOLE + disk.volume());
    }

    /** What is added held something else before, maybe. */
    private static void grow(DiskSpec disk, Progress progress) {
        VolumeGroup group = group(disk.storage());
        String name = WHOLE + disk.volume();
        long before = group.volumes().get(name);
        if (before < disk.bytes()) {
            group.extend(name, disk.bytes());
            BlockSource device = new BlockSource("raw", group.device(name).toString());
            QemuImg.zero(device, before, group.volumes().get(name), progress);
        }
    }

    @Override
    public void delete(DiskSpec disk, LibvirtHost host, Progress progress) {
        VolumeGroup group = group(disk.storage());
        Map<String, Long> volumes = group.volumes();
        for (String name : List.of(UNFINISHED + disk.volume(), WHOLE + disk.volume())) {
            if (volumes.containsKey(name)) {
                wipe(new BlockSource("raw", group.device(name).toString()), volumes.get(name), progress);
                group.remove(name);
            }
        }
    }

    private static void wipe(BlockSource device, long bytes, Progress progress) {
        QemuImg.zero(device, 0, bytes, (done, total) -> progress.at(done / 2, bytes));
        if (!QemuImg.isZero(device, 0, bytes, (done, total) -> progress.at((bytes + done) / 2, bytes))) {
            throw new HypervisorException(
                    Reason.FAILED,
                    "The disk's volume was overwritten with zeros but reads back something else, so its space is not"
                            + " given back. Have somebody look at the device below it.");
        }
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
