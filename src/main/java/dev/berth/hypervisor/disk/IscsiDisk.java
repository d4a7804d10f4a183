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
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A LUN of an iSCSI target, which QEMU signs in to by itself, so that a host needs no kernel driver and no disk. A LUN
 * is handed out whole, as devices are; it holds nobody's bytes before and after.
 */
@Singleton
public class IscsiDisk implements DiskKind {
    private static final String FILE = "disk/iscsi";

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
        return LunNotes.isWhole(disk, host);
    }

    @Override
    public void ensure(DiskSpec disk, LibvirtHost host, Progress progress) {
        if (disk.base() != null) {
            fill(disk, new BlockSource(disk.base().format(), disk.base().path()), host, progress);
        } else if (!LunNotes.isWhole(disk, host)) {
            BlockSource lun = source(disk, host);
            long bytes = largeEnough(disk, lun);
            LunNotes.filling(disk, host);
            QemuImg.zero(lun, 0, bytes, progress);
            LunNotes.whole(disk, host);
        }
    }

    @Override
    public void fill(DiskSpec disk, BlockSource from, LibvirtHost host, Progress progress) {
        if (LunNotes.isWhole(disk, host)) {
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
        LunNotes.filling(disk, host);
        QemuImg.fill(from, lun, (done, total) -> progress.at(done, bytes));
        QemuImg.zero(lun, filled, bytes, (done, total) -> progress.at(filled + done, bytes));
        LunNotes.whole(disk, host);
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

    @Override
    public void delete(DiskSpec disk, LibvirtHost host, Progress progress) {
        if (!LunNotes.isThere(disk, host)) {
            return;
        }
        BlockSource lun = source(disk, host);
        long bytes = QemuImg.virtualSize(lun);
        LunNotes.filling(disk, host);
        QemuImg.zero(lun, 0, bytes, (done, total) -> progress.at(done / 2, bytes));
        if (!QemuImg.isZero(lun, bytes, (done, total) -> progress.at((bytes + done) / 2, bytes))) {
            throw new HypervisorException(
                    Reason.FAILED,
                    "The disk's LUN was overwritten with zeros but reads back something else. It is tried again; if that"
                            + " does not help, take the LUN out of use.");
        }
        LunNotes.gone(disk, host);
    }

    @Override
    public Set<UUID> volumes(StorageSpec storage, LibvirtHost host) {
        return LunNotes.volumes(storage, host);
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
