package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.BlockSource;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.IscsiTrouble;
import dev.berth.hypervisor.IscsiTrouble.IscsiException;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.QemuImg;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.XmlTemplates;
import dev.berth.hypervisor.disk.DeviceRecords.DeviceRecord;
import dev.berth.hypervisor.disk.DeviceRecords.State;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * A LUN of an iSCSI target, which QEMU signs in to by itself, so that a host needs no kernel driver and no disk. A LUN
 * is handed out whole, as devices are; it holds nobody's bytes before and after.
 */
@Singleton
public class IscsiDisk implements DeviceKind {
    /** The longest that {@link #check} takes when the target is lost, however that came about. */
    public static final Duration LONGEST_CHECK = IscsiPortal.CONNECT.plus(QemuImg.NETWORK);

    private static final String FILE = "disk/iscsi";
    private static final int SAMPLES = 16;
    private static final long SAMPLE_BYTES = 1L << 20;
    private static final long SECTOR = 4096;

    private final XmlTemplates templates;

    public IscsiDisk(XmlTemplates templates) {
        this.templates = templates;
    }

    @Override
    public String id() {
        return "iscsi";
    }

    @Override
    public Traits traits() {
        return new Traits(
                "iSCSI",
                "Disks come over the network: hosts need none of their own, and any host that reaches the target can"
                        + " have the machine.",
                "The target and the network to it must be there: without them machines stand still.",
                "LUNs are handed out whole and wiped on return. The CHAP secret is kept in libvirt's secret store and"
                        + " nowhere else, and a lost target is told on the machine's page.");
    }

    @Override
    public DiskFit fit() {
        return new DiskFit(false, DiskFit.Speed.NETWORK, true, false);
    }

    @Override
    public Set<Ability> abilities() {
        return EnumSet.of(Ability.SYSTEM_DISK, Ability.WHOLE_DEVICE, Ability.SIGNED_IN);
    }

    @Override
    public List<KindField> fields() {
        List<KindField> fields = new ArrayList<>(IscsiPortal.FIELDS);
        fields.addAll(DiskSettings.fields("none", "writeback", "writethrough", "directsync"));
        return fields;
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        Map<String, String> problems = IscsiPortal.problems(config);
        problems.putAll(DiskSettings.problems(config));
        return problems;
    }

    @Override
    public HostCheck check(StorageSpec storage, LibvirtHost host) {
        IscsiPortal portal = IscsiPortal.of(storage);
        if (!portal.answers()) {
            return HostCheck.problems(List.of("Nothing answers at " + portal.address() + ", as seen from host "
                    + host.name() + ". Start the iSCSI target, or put the portal right."));
        }
        try {
            // Signing in is what counts; whether the target has just this LUN does not.
            QemuImg.virtualSize(BlockSource.of(portal.lun(0, secret(portal, storage, host))));
            return HostCheck.GOOD;
        } catch (IscsiException e) {
            return e.trouble() == IscsiTrouble.NO_LUN ? HostCheck.GOOD : HostCheck.problems(List.of(e.getMessage()));
        } catch (HypervisorException e) {
            if (e.reason() == Reason.UNREACHABLE) {
                throw e;
            }
            return HostCheck.problems(List.of(e.getMessage()));
        }
    }

    private static byte[] secret(IscsiPortal portal, StorageSpec storage, LibvirtHost host) {
        return portal.signsIn()
                ? host.secrets()
                        .value(storage.profileId())
                        .orElseThrow(() -> new HypervisorException(
                                Reason.MISSING,
                                "Host " + host.name() + " has not got the CHAP secret of storage profile "
                                        + storage.slug() + ". An admin has to enter it on the profile's page."))
                : new byte[0];
    }

    @Override
    public void keepSecret(StorageSpec storage, byte[] secret, LibvirtHost host) {
        host.secrets()
                .keep(
                        templates.render(
                                FILE,
                                "secret",
                                Map.of(
                                        "id",
                                        storage.profileId(),
                                        "description",
                                        "Berth: CHAP secret of storage profile " + storage.slug(),
                                        "usage",
                                        "berth-" + storage.slug())),
                        secret);
    }

    @Override
    public void removeStorage(StorageSpec storage, LibvirtHost host) {
        host.secrets().forget(storage.profileId());
    }

    @Override
    public boolean exists(DiskSpec disk, LibvirtHost host) {
        return isWhole(disk, host);
    }

    @Override
    public void ensure(DiskSpec disk, LibvirtHost host, Progress progress) {
        if (disk.base() != null) {
            fill(disk, new BlockSource(disk.base().format(), disk.base().path()), host, progress);
        } else if (!isWhole(disk, host)) {
            BlockSource lun = source(disk, host);
            long bytes = largeEnough(disk, lun);
            note(disk, host, State.FILLING);
            QemuImg.zero(lun, 0, bytes, progress);
            note(disk, host, State.WHOLE);
        }
    }

    @Override
    public void fill(DiskSpec disk, BlockSource from, LibvirtHost host, Progress progress) {
        if (isWhole(disk, host)) {
            return;
        }
        if (disk.base() != null) {
            BaseImages.refuseUnfit(disk.base(), disk.bytes(), host.name());
        }
        BlockSource lun = source(disk, host);
        long bytes = largeEnough(disk, lun);
        long filled = QemuImg.virtualSize(from);
        if (filled > bytes) {
            throw new HypervisorException(
                    Reason.REJECTED, "The LUN that was handed out is smaller than the old disk. Choose other storage.");
        }
        note(disk, host, State.FILLING);
        QemuImg.fill(from, filled, lun, (done, total) -> progress.at(done, bytes));
        QemuImg.zero(lun, filled, bytes, (done, total) -> progress.at(filled + done, bytes));
        note(disk, host, State.WHOLE);
    }

    /** The LUN's own size, which may be more than the disk's. */
    private static long largeEnough(DiskSpec disk, BlockSource lun) {
        long bytes = QemuImg.virtualSize(lun);
        if (bytes < disk.bytes()) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "The LUN that was handed out for the disk is smaller than the disk. Choose a smaller size.");
        }
        return bytes;
    }

    private static boolean isWhole(DiskSpec disk, LibvirtHost host) {
        Optional<DeviceRecord> record = records(host).find(disk.volume());
        if (record.filter(one -> !one.place().equals(disk.place())).isPresent()) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "The disk is on another LUN than the one that was handed out: "
                            + record.get().place() + ". An admin has to look at it.");
        }
        return record.filter(one -> one.state() == State.WHOLE).isPresent();
    }

    private static DeviceRecords records(LibvirtHost host) {
        return new DeviceRecords(host.directory());
    }

    /** Before the first byte is written: a LUN has no room for a mark of ours that its guest could not overwrite. */
    private static void note(DiskSpec disk, LibvirtHost host, State state) {
        DeviceRecords records = records(host);
        refuseOthers(records, disk.place(), disk.volume());
        records.write(new DeviceRecord(disk.volume(), disk.storage().profileId(), disk.place(), state));
    }

    private static void refuseOthers(DeviceRecords records, String place, UUID own) {
        if (records.all().stream()
                .anyMatch(record ->
                        record.place().equals(place) && !record.volume().equals(own))) {
            throw new HypervisorException(
                    Reason.REJECTED, "The LUN " + place + " holds another machine's disk. An admin has to look at it.");
        }
    }

    @Override
    public void delete(DiskSpec disk, LibvirtHost host, Progress progress) {
        DeviceRecords records = records(host);
        if (records.find(disk.volume()).isEmpty()) {
            return;
        }
        BlockSource lun = source(disk, host);
        note(disk, host, State.WIPING);
        wipe(lun, progress);
        records.forget(disk.volume());
    }

    private static void wipe(BlockSource lun, Progress progress) {
        long bytes = QemuImg.virtualSize(lun);
        QemuImg.zero(lun, 0, bytes, (done, total) -> progress.at(done / 2, bytes));
        if (!QemuImg.isZero(lun, 0, bytes, (done, total) -> progress.at((bytes + done) / 2, bytes))) {
            throw new HypervisorException(
                    Reason.FAILED,
                    "The LUN was overwritten with zeros but reads back something else. It is tried again; if that does"
                            + " not help, take the LUN out of use.");
        }
    }

    @Override
    public String place(UUID volume, LibvirtHost host) {
        return records(host).find(volume).map(DeviceRecord::place).orElse("");
    }

    @Override
    public Set<UUID> volumes(StorageSpec storage, LibvirtHost host) {
        return records(host).all().stream()
                .filter(record -> record.profileId().equals(storage.profileId()))
                .map(DeviceRecord::volume)
                .collect(Collectors.toSet());
    }

    @Override
    public List<DeviceLook> devices(StorageSpec storage, LibvirtHost host) {
        IscsiPortal portal = IscsiPortal.of(storage);
        return IscsiLuns.numbers(portal, secret(portal, storage, host)).stream()
                .map(number -> look(storage, portal.place(number), false, host))
                .filter(look -> look.bytes() > 0)
                .toList();
    }

    @Override
    public String problem(String place) {
        return IscsiPortal.isPlace(place)
                ? ""
                : "Write the target's name, a slash and the LUN's number, for example iqn.2026-01.com.example:berth/1.";
    }

    @Override
    public DeviceLook look(StorageSpec storage, String place, boolean thorough, LibvirtHost host) {
        IscsiPortal portal = IscsiPortal.of(storage);
        BlockSource lun = BlockSource.of(portal.lun(portal.number(place), secret(portal, storage, host)));
        try {
            long bytes = QemuImg.virtualSize(lun);
            boolean used = records(host).all().stream()
                    .anyMatch(record -> record.place().equals(place));
            boolean empty = !thorough || used || looksEmpty(lun, bytes);
            return new DeviceLook(
                    place,
                    DeviceLook.ANY_HOST + place,
                    bytes,
                    "",
                    "iSCSI",
                    used ? "A machine's disk is on it." : "",
                    empty ? "" : "It holds data that Berth did not put there.");
        } catch (IscsiException e) {
            if (e.trouble() == IscsiTrouble.NO_LUN) {
                return DeviceLook.missing(place);
            }
            throw e;
        }
    }

    /** Its beginning, its end and pieces between: a file system or partition table leaves its marks there. */
    private static boolean looksEmpty(BlockSource lun, long bytes) {
        for (int sample = 0; sample <= SAMPLES; sample++) {
            long from = (bytes - Math.min(bytes, SAMPLE_BYTES)) / SAMPLES * sample / SECTOR * SECTOR;
            if (!QemuImg.isZero(lun, from, Math.min(bytes, from + SAMPLE_BYTES), Progress.NONE)) {
                return false;
            }
        }
        return QemuImg.isZero(lun, Math.max(0, bytes - SAMPLE_BYTES), bytes, Progress.NONE);
    }

    @Override
    public void wipe(StorageSpec storage, String place, LibvirtHost host, Progress progress) {
        IscsiPortal portal = IscsiPortal.of(storage);
        refuseOthers(records(host), place, null);
        wipe(BlockSource.of(portal.lun(portal.number(place), secret(portal, storage, host))), progress);
    }

    @Override
    public BlockSource source(DiskSpec disk, LibvirtHost host) {
        IscsiPortal portal = IscsiPortal.of(disk.storage());
        return BlockSource.of(portal.lun(portal.number(disk.place()), secret(portal, disk.storage(), host)));
    }

    @Override
    public String render(DiskSpec disk) {
        IscsiPortal portal = IscsiPortal.of(disk.storage());
        return DiskXml.render(
                templates,
                disk,
                DiskSettings.of(disk.storage().config(), "none"),
                "network",
                "raw",
                templates.render(
                        FILE,
                        "source",
                        Map.of(
                                "target", portal.target(),
                                "lun", portal.number(disk.place()),
                                "host", portal.host(),
                                "port", portal.port(),
                                "initiator", portal.initiator(),
                                "user", portal.user(),
                                "secret", disk.storage().profileId())));
    }
}
