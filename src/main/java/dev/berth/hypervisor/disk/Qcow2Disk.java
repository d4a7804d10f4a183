package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.BlockSource;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.LibvirtXml;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.QemuImg;
import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.XmlTemplates;
import jakarta.inject.Singleton;
import java.nio.file.Files;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.stream.Collectors;

/**
 * A qcow2 file in a {@link DirectoryPool}, thin, and an overlay on an image where it has one.
 */
@Singleton
public class Qcow2Disk extends FileDisk {
    private static final String FILE = "disk/qcow2";

    /** An overlay that nobody wrote to holds headers and tables alone. */
    private static final long UNTOUCHED_BYTES = 1L << 20;

    public Qcow2Disk(XmlTemplates templates) {
        super(templates, "qcow2");
    }

    @Override
    public Traits traits() {
        return new Traits(
                "qcow2 file",
                "Thin: takes only the space that is written. Starts from an image at once, and can have snapshots.",
                "Some overhead on each write, and a machine loses its data if its image is ever written to.",
                "Images are read-only on the host and each machine's disk is an overlay of its own.");
    }

    @Override
    public DiskFit fit() {
        return new DiskFit(true, DiskFit.Speed.THIN, false, false);
    }

    @Override
    public Set<Ability> abilities() {
        return EnumSet.of(Ability.SYSTEM_DISK, Ability.OVERLAY, Ability.GROW, Ability.SNAPSHOTS);
    }

    @Override
    List<KindField> ownFields() {
        return SnapshotSettings.fields();
    }

    @Override
    Map<String, String> ownProblems(Map<String, String> config) {
        return SnapshotSettings.problems(config);
    }

    @Override
    public boolean exists(DiskSpec disk, LibvirtHost host) {
        return host.pools()
                .volume(directory.name(disk.storage()), directory.fileName(disk))
                .filter(volume -> whole(volume, disk))
                .isPresent();
    }

    @Override
    public void ensure(DiskSpec disk, LibvirtHost host, Progress progress) {
        String pool = directory.name(disk.storage());
        Optional<LibvirtXml> found = host.pools().volume(pool, directory.fileName(disk));
        if (found.isPresent() && !whole(found.get(), disk)) {
            refuseUnlessUntouched(found.get(), disk, host);
            host.pools().deleteVolume(pool, directory.fileName(disk));
            found = Optional.empty();
        }
        if (found.isEmpty()) {
            create(disk, host);
        } else if (number(found.get(), "capacity") < disk.bytes()) {
            host.pools().growVolume(pool, directory.fileName(disk), disk.bytes());
        }
    }

    @Override
    public void fill(DiskSpec disk, BlockSource from, LibvirtHost host, Progress progress) {
        if (Files.exists(directory.file(disk))) {
            host.pools().refresh(directory.name(disk.storage()));
            return;
        }
        long bytes = BaseImages.fitting(disk, from);
        directory.make(disk, host, file -> {
            QemuImg.copy(from, bytes, file, "qcow2", List.of("compat=1.1"), progress);
            if (bytes < disk.bytes()) {
                QemuImg.grow(new BlockSource("qcow2", file.toString()), disk.bytes(), "off");
            }
        });
    }

    private void create(DiskSpec disk, LibvirtHost host) {
        if (disk.base() != null) {
            BaseImages.refuseUnfit(disk.base(), disk.bytes(), host.name());
        }
        String pool = directory.name(disk.storage());
        try {
            host.pools().createVolume(pool, volumeXml(disk));
        } catch (HypervisorException failure) {
            if (failure.reason() == Reason.UNREACHABLE || failure.reason() == Reason.NO_RESOURCES) {
                throw failure;
            }
            // libvirt's list may be behind: a file that it has not seen yet, or one that is gone since.
            host.pools().refresh(pool);
            Optional<LibvirtXml> found = host.pools().volume(pool, directory.fileName(disk));
            if (found.isEmpty()) {
                host.pools().createVolume(pool, volumeXml(disk));
            } else if (!whole(found.get(), disk)) {
                throw failure;
            }
        }
    }

    private String volumeXml(DiskSpec disk) {
        Map<String, Object> values = new HashMap<>();
        values.put("name", directory.fileName(disk));
        values.put("bytes", disk.bytes());
        values.put("base", disk.base());
        return templates.render(FILE, "volume", values);
    }

    /**
     * {@code qemu-img create} writes an image in steps: an empty file, a header without a size, the size, the base. What
     * a kill in between leaves lacks one of them.
     */
    private static boolean whole(LibvirtXml volume, DiskSpec disk) {
        boolean based = disk.base() == null
                || volume.text("backingStore/path").equals(disk.base().path())
                || number(volume, "allocation") > UNTOUCHED_BYTES;
        return volume.attribute("target/format", "type").equals("qcow2") && number(volume, "capacity") > 0 && based;
    }

    /** Only what can't hold anything yet is made again. */
    private static void refuseUnlessUntouched(LibvirtXml volume, DiskSpec disk, LibvirtHost host) {
        if (number(volume, "allocation") > UNTOUCHED_BYTES) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "A file on host " + host.name() + " has the name of disk " + disk.volume()
                            + " but is no disk of ours." + " An admin has to move it away.");
        }
    }

    @Override
    public boolean snapshotsInQemu() {
        return true;
    }

    @Override
    public String snapshotPrice() {
        return "Taken and reverted to at once. What is written later takes space of its own on the host, so a disk with an"
                + " old snapshot can take up to twice its size; deleting the snapshot gives the space back.";
    }

    @Override
    public Set<UUID> snapshots(DiskSpec disk, LibvirtHost host) {
        return QemuImg.snapshots(source(disk, host)).stream()
                .map(DirectoryPool.UUID_TEXT::matcher)
                .filter(Matcher::matches)
                .map(name -> UUID.fromString(name.group()))
                .collect(Collectors.toSet());
    }

    @Override
    public void takeSnapshot(DiskSpec disk, UUID snapshot, LibvirtHost host) {
        QemuImg.snapshot("-c", snapshot.toString(), source(disk, host));
    }

    @Override
    public void revert(DiskSpec disk, UUID snapshot, LibvirtHost host, Progress progress) {
        QemuImg.snapshot("-a", snapshot.toString(), source(disk, host));
    }

    @Override
    public void deleteSnapshot(DiskSpec disk, UUID snapshot, LibvirtHost host) {
        if (snapshots(disk, host).contains(snapshot)) {
            QemuImg.snapshot("-d", snapshot.toString(), source(disk, host));
        }
    }

    /** All that is written so far: what is written later goes elsewhere. */
    @Override
    public long snapshotBytes(DiskSpec disk, UUID snapshot, LibvirtHost host) {
        return QemuImg.info(source(disk, host)).path("actual-size").asLong();
    }

    @Override
    public BlockSource snapshotSource(DiskSpec disk, UUID snapshot, LibvirtHost host) {
        return source(disk, host).snapshot(snapshot.toString());
    }

    @Override
    String sourceXml(DiskSpec disk) {
        Map<String, Object> values = new HashMap<>();
        values.put("path", directory.file(disk));
        values.put("base", disk.base());
        return templates.render(FILE, "source", values);
    }

    private static long number(LibvirtXml volume, String element) {
        String text = volume.text(element);
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }
}
