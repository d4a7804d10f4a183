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
import dev.berth.hypervisor.disk.DeviceRecords.DeviceRecord;
import dev.berth.hypervisor.disk.DeviceRecords.State;
import jakarta.inject.Singleton;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A whole block device of the host for each disk. A device that is in use, or that holds anything when a disk is first
 * made on it, is left alone; what Berth itself wrote there it knows by its {@link DeviceRecords}.
 */
@Singleton
public class BlockDisk implements DeviceKind {
    private static final String FILE = "disk/block";

    private final XmlTemplates templates;

    public BlockDisk(XmlTemplates templates) {
        this.templates = templates;
    }

    @Override
    public String id() {
        return "block";
    }

    @Override
    public Traits traits() {
        return new Traits(
                "whole device",
                "Fast: nothing lies between a machine and the device. Copies and disaster recovery of a storage array work as they are.",
                "Thick: a machine takes a whole device, however much it asked for. The storage team has to provide them, and there are no snapshots.",
                "Register devices once by a path that stays. Berth hands them out, wipes them when they come back, and never"
                        + " touches one that is in use or holds data that it did not put there.");
    }

    @Override
    public DiskFit fit() {
        return new DiskFit(false, DiskFit.Speed.DEVICE, true, false);
    }

    @Override
    public Set<Ability> abilities() {
        return EnumSet.of(Ability.SYSTEM_DISK, Ability.WHOLE_DEVICE);
    }

    @Override
    public List<KindField> fields() {
        return DiskSettings.fields("none", "writeback", "writethrough", "directsync");
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        return DiskSettings.problems(config);
    }

    @Override
    public HostCheck check(StorageSpec storage, LibvirtHost host) {
        return HostCheck.problems(BlockDevice.missingPrograms(host.name()));
    }

    @Override
    public String problem(String place) {
        if (BlockDevice.isChangeable(place)) {
            return "What lies on a device says this name, so it does not stay. Write one of /dev/disk/by-id.";
        }
        return BlockDevice.isPath(place) ? "" : BlockDevice.WRITE_A_PATH + ".";
    }

    @Override
    public DeviceLook look(StorageSpec storage, String place, boolean thorough, LibvirtHost host) {
        return BlockDevice.find(place).map(device -> device.look(thorough)).orElse(DeviceLook.missing(place));
    }

    @Override
    public void wipe(StorageSpec storage, String place, LibvirtHost host, Progress progress) {
        BlockDevice device = BlockDevice.require(place, host.name());
        refuseOthers(records(host), device, null, host);
        wipe(device, host, progress);
    }

    private static void wipe(BlockDevice device, LibvirtHost host, Progress progress) {
        try (DeviceClaim claim = device.claim(host.name())) {
            DeviceWipe.wipe(device, host.name(), progress);
        }
        // Its guest's partitions are no more.
        HostCommand.of("blockdev", "--rereadpt", device.real().toString()).run();
    }

    private static DeviceRecords records(LibvirtHost host) {
        return new DeviceRecords(host.directory());
    }

    @Override
    public boolean exists(DiskSpec disk, LibvirtHost host) {
        return records(host).find(disk.volume()).filter(BlockDisk::holdsAll).isPresent();
    }

    private static boolean holdsAll(DeviceRecord record) {
        return record.state() == State.WHOLE && BlockDevice.find(record.place()).isPresent();
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

    private static void make(DiskSpec disk, LibvirtHost host, Consumer<BlockDevice> work) {
        BlockDevice device = BlockDevice.require(disk.place(), host.name());
        if (device.bytes() < disk.bytes()) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "The device " + disk.place() + " is smaller than the disk, and a device can't grow."
                            + " Move the disk to a larger one.");
        }
        DeviceRecords records = records(host);
        Optional<DeviceRecord> before = records.find(disk.volume());
        before.filter(record -> !record.place().equals(disk.place())).ifPresent(record -> {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "The disk is on another device than the one that was handed out for it: " + record.place()
                            + ". An admin has to look at it.");
        });
        refuseOthers(records, device, disk.volume(), host);
        if (before.filter(record -> record.state() == State.WHOLE).isPresent()) {
            return;
        }
        try (DeviceClaim claim = device.claim(host.name())) {
            if (before.isEmpty()) {
                refuseData(device, host);
            }
            records.write(record(disk, State.FILLING));
            work.accept(device);
            records.write(record(disk, State.WHOLE));
        }
    }

    private static DeviceRecord record(DiskSpec disk, State state) {
        return new DeviceRecord(disk.volume(), disk.storage().profileId(), disk.place(), state);
    }

    /** Two paths may lead to one device. */
    private static void refuseOthers(DeviceRecords records, BlockDevice device, UUID own, LibvirtHost host) {
        records.all().stream()
                .filter(record -> !record.volume().equals(own))
                .filter(record -> BlockDevice.find(record.place())
                        .filter(device::overlaps)
                        .isPresent())
                .findFirst()
                .ifPresent(other -> {
                    throw new HypervisorException(
                            Reason.REJECTED,
                            "The device " + device.path() + " on host " + host.name()
                                    + " holds another machine's disk, handed out as " + other.place()
                                    + ". Retire one of the two paths.");
                });
    }

    private static void refuseData(BlockDevice device, LibvirtHost host) {
        String data = device.signatures();
        if (!data.isEmpty()) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "Nothing is written to device " + device.path() + " on host " + host.name() + ": " + data
                            + " An admin has to look at it.");
        }
    }

    @Override
    public void delete(DiskSpec disk, LibvirtHost host, Progress progress) {
        DeviceRecords records = records(host);
        Optional<DeviceRecord> record = records.find(disk.volume());
        if (record.isEmpty()) {
            return;
        }
        if (disk.place().isEmpty()) {
            // An admin has given up the device, which is gone from the host.
            records.forget(disk.volume());
            return;
        }
        BlockDevice device = BlockDevice.require(record.get().place(), host.name());
        try (DeviceClaim claim = device.claim(host.name())) {
            records.write(record(disk, State.WIPING));
        }
        wipe(device, host, progress);
        records.forget(disk.volume());
    }

    @Override
    public String place(UUID volume, LibvirtHost host) {
        return records(host).find(volume).map(DeviceRecord::place).orElse("");
    }

    @Override
    public Set<UUID> volumes(StorageSpec storage, LibvirtHost host) {
        return records(host).all().stream()
                .filter(record -> record.profileId().equals(storage.profileId()))
                .filter(record -> BlockDevice.find(record.place()).isPresent())
                .map(DeviceRecord::volume)
                .collect(Collectors.toSet());
    }

    @Override
    public BlockSource source(DiskSpec disk, LibvirtHost host) {
        return new BlockSource("raw", disk.place());
    }

    @Override
    public String render(DiskSpec disk) {
        return DiskXml.render(
                templates,
                disk,
                DiskSettings.of(disk.storage().config(), "none"),
                "block",
                "raw",
                templates.render(FILE, "source", Map.of("path", disk.place())));
    }
}
