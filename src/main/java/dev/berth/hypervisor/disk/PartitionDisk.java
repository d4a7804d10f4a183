package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.BlockSource;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.XmlTemplates;
import dev.berth.hypervisor.disk.GptTable.Entry;
import dev.berth.hypervisor.disk.GptTable.Gap;
import jakarta.inject.Singleton;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A GPT partition in the free space of a disk. Its UUID is the volume, its name says how far it is: the table itself is
 * the record of what Berth has made. Partitions of others on the same disk are left alone.
 */
@Singleton
public class PartitionDisk implements DiskKind {
    private static final String DISKS = "disks";
    private static final String WHOLE = "berth";
    private static final String FILLING = "berth filling";
    private static final String WIPING = "berth wiping";
    private static final Set<String> OURS = Set.of(WHOLE, FILLING, WIPING);
    private static final int MOST_DISKS = 16;
    private static final int LOOKS = 5;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(300);

    private final XmlTemplates templates;
    /** Held while a table and what the kernel knows of it are changed or compared. */
    private final Lock tables = new ReentrantLock();

    /** A partition where it is. */
    private record Found(GptTable table, Entry entry) {}

    public PartitionDisk(XmlTemplates templates) {
        this.templates = templates;
    }

    @Override
    public String id() {
        return "partition";
    }

    @Override
    public Traits traits() {
        return new Traits(
                "partition",
                "Fast: nothing lies between a machine and its part of the disk. Uses very large volumes well.",
                "Thick, without snapshots, and it can't grow. When the kernel keeps an old partition table, the host has to be restarted.",
                "Partitions are made in the free space of disks that you name. Berth tells the kernel of each change, and hands out"
                        + " nothing on a disk whose old table the kernel keeps.");
    }

    @Override
    public DiskFit fit() {
        return new DiskFit(false, DiskFit.Speed.DEVICE, false, false);
    }

    @Override
    public Set<Ability> abilities() {
        return EnumSet.of(Ability.SYSTEM_DISK);
    }

    @Override
    public List<KindField> fields() {
        List<KindField> fields = new ArrayList<>(List.of(KindField.required(
                        DISKS,
                        "Disks on the host",
                        "Paths of whole disks that stay the same, one or several with spaces between. A disk has a GPT"
                                + " partition table, or holds nothing at all. Hosts may have some of them.",
                        "/dev/disk/by-id/wwn-0x5000c500a1b2c3d4")
                .offering(KindField.Offer.BLOCK_DEVICES)));
        fields.addAll(DiskSettings.fields("none", "writeback", "writethrough", "directsync"));
        return fields;
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>();
        List<String> paths = paths(config).toList();
        if (paths.isEmpty() || paths.size() > MOST_DISKS || !paths.stream().allMatch(BlockDevice::isPath)) {
            problems.put(
                    DISKS, BlockDevice.WRITE_A_PATH + "; several with spaces between, at most " + MOST_DISKS + ".");
        }
        problems.putAll(DiskSettings.problems(config));
        return problems;
    }

    private static Stream<String> paths(Map<String, String> config) {
        return Stream.of(config.getOrDefault(DISKS, "").strip().split("\\s+"))
                .filter(path -> !path.isEmpty())
                .distinct();
    }

    private static List<BlockDevice> disks(StorageSpec storage) {
        return paths(storage.config())
                .map(BlockDevice::find)
                .flatMap(Optional::stream)
                .toList();
    }

    private static List<GptTable> tables(StorageSpec storage) {
        return disks(storage).stream()
                .map(GptTable::read)
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public HostCheck check(StorageSpec storage, LibvirtHost host) {
        List<String> problems = new ArrayList<>(BlockDevice.missingPrograms(host.name(), "sfdisk", "partx"));
        if (!problems.isEmpty()) {
            return HostCheck.problems(problems);
        }
        List<Long> sizes = new ArrayList<>();
        List<Long> gaps = new ArrayList<>();
        for (BlockDevice disk : disks(storage)) {
            Optional<String> problem = problem(disk, host);
            problem.ifPresent(problems::add);
            if (problem.isEmpty()) {
                sizes.add(disk.bytes());
                GptTable.read(disk)
                        .ifPresentOrElse(
                                table -> table.gaps().forEach(gap -> gaps.add(table.bytes(gap))),
                                () -> gaps.add(disk.bytes() - 2 * DeviceWipe.MEBIBYTE));
            }
        }
        if (sizes.isEmpty()) {
            return HostCheck.problems(
                    problems.isEmpty()
                            ? List.of("Host " + host.name() + " has none of the profile's disks. Connect one, or write"
                                    + " a path that it has into the profile.")
                            : problems);
        }
        StorageSpace space = new StorageSpace(
                sizes.stream().mapToLong(Long::longValue).sum(),
                gaps.stream().mapToLong(Long::longValue).sum());
        long largest = gaps.stream().mapToLong(Long::longValue).max().orElse(0);
        return new HostCheck(List.of(), problems, space.facts(largest));
    }

    /** Why no partition can be made on the disk, a sentence. */
    private Optional<String> problem(BlockDevice disk, LibvirtHost host) {
        String where = "Disk " + disk.path() + " on host " + host.name();
        if (disk.isPartition() || Files.exists(disk.system().resolve("dm"))) {
            return Optional.of(where + " is no whole disk. Write the path of one into the profile.");
        }
        Optional<GptTable> table = GptTable.read(disk);
        if (table.isPresent()) {
            return agreed(disk)
                    ? Optional.empty()
                    : Optional.of(stale(disk, host) + " Until then nothing is handed out on it.");
        }
        return blank(disk)
                ? Optional.empty()
                : Optional.of(where + " has no GPT partition table, but is in use or holds data. Empty it, or choose"
                        + " another.");
    }

    private static String stale(BlockDevice disk, LibvirtHost host) {
        return "The kernel of host " + host.name() + " keeps an old partition table of disk " + disk.path()
                + ". An admin has to have it read the new one (\"partx --update\"), or restart the host.";
    }

    /** A partition may be on its way this moment, by another worker. */
    private boolean agreed(BlockDevice disk) {
        tables.lock();
        try {
            for (int i = 0; i < LOOKS; i++) {
                if (GptTable.read(disk).filter(GptTable::kernelAgrees).isPresent()) {
                    return true;
                }
                LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            }
            return false;
        } finally {
            tables.unlock();
        }
    }

    private static boolean blank(BlockDevice disk) {
        DeviceLook look = disk.look(true);
        return look.inUse().isEmpty() && look.data().isEmpty();
    }

    @Override
    public void ensureStorage(StorageSpec storage, LibvirtHost host) {
        tables.lock();
        try {
            for (BlockDevice disk : disks(storage)) {
                if (GptTable.read(disk).isEmpty() && !disk.isPartition() && blank(disk)) {
                    try (DeviceClaim claim = disk.claim(host.name())) {
                        GptTable.make(disk);
                    }
                }
            }
        } finally {
            tables.unlock();
        }
    }

    private static Optional<Found> find(DiskSpec disk) {
        return tables(disk.storage()).stream()
                .flatMap(table -> table.find(disk.volume()).map(entry -> new Found(table, entry)).stream())
                .filter(found -> OURS.contains(found.entry().name()))
                .findFirst();
    }

    @Override
    public boolean exists(DiskSpec disk, LibvirtHost host) {
        return find(disk)
                .filter(found -> found.entry().name().equals(WHOLE))
                .filter(found -> found.table().kernelKnows(found.entry()))
                .isPresent();
    }

    @Override
    public void ensure(DiskSpec disk, LibvirtHost host, Progress progress) {
        BlockSource image = disk.base() == null
                ? null
                : new BlockSource(disk.base().format(), disk.base().path());
        make(disk, host, device -> {
            if (image != null) {
                BaseImages.refuseUnfit(disk.base(), disk.bytes(), host.name());
            }
            DeviceFill.fill(device, disk, image, progress);
        });
    }

    @Override
    public void fill(DiskSpec disk, BlockSource from, LibvirtHost host, Progress progress) {
        make(disk, host, device -> DeviceFill.fill(device, disk, from, progress));
    }

    private void make(DiskSpec disk, LibvirtHost host, Consumer<BlockDevice> work) {
        Found found = partition(disk, host);
        if (found.table().bytes(found.entry()) < disk.bytes()) {
            throw new HypervisorException(
                    Reason.REJECTED, "A partition can't grow. Move the disk to storage that has room for it.");
        }
        if (found.entry().name().equals(WHOLE)) {
            return;
        }
        BlockDevice device = device(found, host);
        try (DeviceClaim claim = device.claim(host.name())) {
            work.accept(device);
            name(found, WHOLE);
        }
    }

    private void name(Found found, String name) {
        tables.lock();
        try {
            found.table().rename(found.entry(), name);
        } finally {
            tables.unlock();
        }
    }

    /** The one that is there, or a new one where the least room is left over. */
    private Found partition(DiskSpec disk, LibvirtHost host) {
        tables.lock();
        try {
            Found found = find(disk).orElseGet(() -> append(disk, host));
            found.table().tellKernel(found.entry());
            settle();
            return found;
        } finally {
            tables.unlock();
        }
    }

    private record Place(GptTable table, Gap gap) {
        long bytes() {
            return table.bytes(gap);
        }
    }

    private Found append(DiskSpec disk, LibvirtHost host) {
        List<GptTable> stale = new ArrayList<>();
        List<Place> places = new ArrayList<>();
        for (GptTable table : tables(disk.storage())) {
            List<Place> free = table.gaps().stream()
                    .map(gap -> new Place(table, gap))
                    .filter(gap -> gap.bytes() >= disk.bytes())
                    .toList();
            if (!free.isEmpty()) {
                if (agreed(table.disk())) {
                    places.addAll(free);
                } else {
                    stale.add(table);
                }
            }
        }
        Place place = places.stream()
                .min(Comparator.comparingLong(Place::bytes))
                .orElseThrow(() -> noPlace(disk, stale, host));
        place.table().append(place.gap(), disk.bytes(), disk.volume(), FILLING);
        return find(disk)
                .orElseThrow(() -> new HypervisorException(
                        Reason.FAILED, "The new partition is not in its disk's table on host " + host.name() + "."));
    }

    private static HypervisorException noPlace(DiskSpec disk, List<GptTable> stale, LibvirtHost host) {
        return stale.stream()
                .findFirst()
                .map(table -> new HypervisorException(Reason.REJECTED, stale(table.disk(), host)))
                .orElseGet(() -> new HypervisorException(
                        Reason.NO_RESOURCES,
                        "No disk on host " + host.name() + " has room for a partition of " + disk.sizeGib()
                                + " GiB. An admin has to make room, or add a disk to the storage profile."));
    }

    /** udev(7) makes the stable names, where it runs. */
    private static void settle() {
        if (Files.exists(Path.of("/run/udev/control"))) {
            HostCommand.of("udevadm", "settle", "--timeout=20")
                    .timeout(Duration.ofSeconds(30))
                    .run();
        }
    }

    /** @throws HypervisorException when the kernel knows the partition not, or as another */
    private BlockDevice device(Found found, LibvirtHost host) {
        tables.lock();
        try {
            found.table().tellKernel(found.entry());
            if (found.table().kernelKnows(found.entry())) {
                return BlockDevice.require(found.entry().node().toString(), host.name());
            }
        } finally {
            tables.unlock();
        }
        throw new HypervisorException(Reason.REJECTED, stale(found.table().disk(), host) + " Then retry.");
    }

    @Override
    public void delete(DiskSpec disk, LibvirtHost host, Progress progress) {
        Optional<Found> there = find(disk);
        if (there.isEmpty()) {
            return;
        }
        Found found = there.get();
        BlockDevice device = device(found, host);
        try (DeviceClaim claim = device.claim(host.name())) {
            name(found, WIPING);
            DeviceWipe.wipe(device, host.name(), progress);
        }
        tables.lock();
        try {
            found.table().haveForgotten(found.entry());
            if (found.table().kernelKnows(found.entry())) {
                throw new HypervisorException(
                        Reason.FAILED,
                        "Something on host " + host.name() + " still has partition " + device.path() + " open.");
            }
            found.table().remove(found.entry());
        } finally {
            tables.unlock();
        }
    }

    @Override
    public Set<UUID> volumes(StorageSpec storage, LibvirtHost host) {
        return tables(storage).stream()
                .flatMap(table -> table.entries().stream())
                .filter(entry -> OURS.contains(entry.name()))
                .map(Entry::uuid)
                .collect(Collectors.toSet());
    }

    @Override
    public BlockSource source(DiskSpec disk, LibvirtHost host) {
        return new BlockSource("raw", path(disk).toString());
    }

    /**
     * The partition's name below its disk's own, which stays where udev(7) makes such names, or else the kernel's. Never
     * one by the partition's UUID: a machine that has a whole device can write a partition of any UUID into it.
     */
    private static Path path(DiskSpec disk) {
        Found found = find(disk)
                .orElseThrow(() -> new HypervisorException(
                        Reason.MISSING,
                        "The disk's partition is on none of the disks of storage profile "
                                + disk.storage().slug() + ". Connect its disk again, then retry."));
        Path node = found.entry().node();
        String stable = found.table().disk().path() + "-part" + found.entry().number();
        return BlockDevice.find(stable)
                .filter(device -> device.real().equals(node))
                .map(device -> Path.of(stable))
                .orElse(node);
    }

    @Override
    public String render(DiskSpec disk) {
        return DiskXml.render(
                templates,
                disk,
                DiskSettings.of(disk.storage().config(), "none"),
                "block",
                "raw",
                templates.render("disk/block", "source", Map.of("path", path(disk))));
    }
}
