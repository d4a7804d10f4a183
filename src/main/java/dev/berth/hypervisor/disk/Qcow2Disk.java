package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.LibvirtXml;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.XmlTemplates;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.HashMap;
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
 * A qcow2 file in a directory pool, thin, and an overlay on an image where it has one. The pool's libvirt UUID is the
 * profile's id; a volume is named {@code <machine id>-<target>.qcow2}.
 */
@Singleton
public class Qcow2Disk implements DiskKind {
    private static final String FILE = "disk/qcow2";
    private static final String PATH = "path";
    private static final long GIB = 1L << 30;

    /** An overlay that nobody wrote to holds headers and tables alone. */
    private static final long UNTOUCHED_BYTES = 1L << 20;

    private static final Pattern DIRECTORY = Pattern.compile("(/[A-Za-z0-9_-][A-Za-z0-9._-]*){2,}");
    private static final Pattern VOLUME =
            Pattern.compile("([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-[a-z]+\\.qcow2");
    private static final Pattern TARGET = Pattern.compile("vd[a-y]");

    private final XmlTemplates templates;

    public Qcow2Disk(XmlTemplates templates) {
        this.templates = templates;
    }

    @Override
    public String id() {
        return "qcow2";
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
    public List<KindField> fields() {
        return List.of(KindField.required(
                PATH,
                "Directory on the host",
                "Disks are files in this directory. It is made if it is not there; nothing else should use it.",
                "/var/lib/berth/disks"));
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>();
        if (!DIRECTORY.matcher(config.getOrDefault(PATH, "")).matches()) {
            problems.put(
                    PATH,
                    "Write the full path of a directory at least two levels deep, of letters, digits, dots, hyphens and"
                            + " underscores, for example /var/lib/berth/disks.");
        }
        return problems;
    }

    @Override
    public List<String> check(StorageSpec storage, LibvirtHost host) {
        List<String> problems = new ArrayList<>();
        host.pools().all().stream()
                .filter(pool -> pool.text("target/path").equals(path(storage)))
                .map(pool -> pool.text("name"))
                .filter(name -> !name.equals(pool(storage)))
                .forEach(name -> problems.add("The directory belongs to storage pool " + name + " on host "
                        + host.name() + ". Choose another directory in the storage profile."));
        if (!passable(Path.of(path(storage)).getParent())) {
            problems.add("QEMU's user can't pass through the directories above the profile's on host " + host.name()
                    + ". Choose another directory, or allow it with \"chmod o+x\".");
        }
        return problems;
    }

    /** The worker runs next to its host, so that this is the host's file system. */
    private static boolean passable(Path directory) {
        for (Path each = directory; each != null; each = each.getParent()) {
            try {
                if (!Files.getPosixFilePermissions(each).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                    return false;
                }
            } catch (NoSuchFileException e) {
                // It will be made passable.
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void ensureStorage(StorageSpec storage, LibvirtHost host) {
        String pool = pool(storage);
        String path = path(storage);
        Optional<LibvirtXml> found = host.pools().find(pool);
        if (found.isEmpty()) {
            refuseUnfit(storage, host);
            host.pools()
                    .define(templates.render(
                            FILE, "pool", Map.of("name", pool, "id", storage.profileId(), "path", path)));
        } else if (!found.get().text("target/path").equals(path)) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "Host " + host.name() + " keeps the disks of storage profile " + storage.slug()
                            + " in another directory than the profile says. Put the profile's directory back.");
        }
        host.pools().start(pool);
    }

    private void refuseUnfit(StorageSpec storage, LibvirtHost host) {
        List<String> problems = new ArrayList<>(validate(storage.config()).values());
        if (problems.isEmpty()) {
            problems.addAll(check(storage, host));
        }
        if (!problems.isEmpty()) {
            throw new HypervisorException(Reason.REJECTED, problems.get(0));
        }
    }

    @Override
    public void removeStorage(StorageSpec storage, LibvirtHost host) {
        host.pools().remove(pool(storage));
    }

    @Override
    public boolean exists(DiskSpec disk, LibvirtHost host) {
        return host.pools()
                .volume(pool(disk.storage()), volume(disk))
                .filter(volume -> whole(volume, disk))
                .isPresent();
    }

    @Override
    public void ensure(DiskSpec disk, LibvirtHost host) {
        String pool = pool(disk.storage());
        Optional<LibvirtXml> found = host.pools().volume(pool, volume(disk));
        if (found.isPresent() && !whole(found.get(), disk)) {
            refuseUnlessUntouched(found.get(), disk, host);
            host.pools().deleteVolume(pool, volume(disk));
            found = Optional.empty();
        }
        if (found.isEmpty()) {
            create(disk, host);
        } else if (number(found.get(), "capacity") < bytes(disk)) {
            host.pools().growVolume(pool, volume(disk), bytes(disk));
        }
    }

    private void create(DiskSpec disk, LibvirtHost host) {
        if (disk.base() != null) {
            BaseImages.refuseUnfit(disk.base(), bytes(disk), host.name());
        }
        String pool = pool(disk.storage());
        try {
            host.pools().createVolume(pool, volumeXml(disk));
        } catch (HypervisorException failure) {
            if (failure.reason() == Reason.UNREACHABLE || failure.reason() == Reason.NO_RESOURCES) {
                throw failure;
            }
            // libvirt's list may be behind: a file that it has not seen yet, or one that is gone since.
            host.pools().refresh(pool);
            Optional<LibvirtXml> found = host.pools().volume(pool, volume(disk));
            if (found.isEmpty()) {
                host.pools().createVolume(pool, volumeXml(disk));
            } else if (!whole(found.get(), disk)) {
                throw failure;
            }
        }
    }

    private String volumeXml(DiskSpec disk) {
        Map<String, Object> values = new HashMap<>();
        values.put("name", volume(disk));
        values.put("bytes", bytes(disk));
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
                    "A file on host " + host.name() + " has the name of disk " + disk.target()
                            + " but is no disk of ours." + " An admin has to move it away.");
        }
    }

    @Override
    public void delete(DiskSpec disk, LibvirtHost host) {
        host.pools().deleteVolume(pool(disk.storage()), volume(disk));
    }

    @Override
    public Set<UUID> machines(StorageSpec storage, LibvirtHost host) {
        return host.pools().volumeNames(pool(storage)).stream()
                .map(VOLUME::matcher)
                .filter(Matcher::matches)
                .map(matcher -> UUID.fromString(matcher.group(1)))
                .collect(Collectors.toSet());
    }

    @Override
    public String render(DiskSpec disk) {
        Map<String, Object> values = new HashMap<>();
        values.put("path", path(disk.storage()) + "/" + volume(disk));
        values.put("base", disk.base());
        values.put("target", disk.target());
        return templates.render(FILE, "disk", values);
    }

    private static String pool(StorageSpec storage) {
        return "berth-" + storage.slug();
    }

    private static String path(StorageSpec storage) {
        return storage.config().getOrDefault(PATH, "");
    }

    private static String volume(DiskSpec disk) {
        if (!TARGET.matcher(disk.target()).matches()) {
            throw new HypervisorException(Reason.REJECTED, "A disk's name in the guest is one of vda to vdy.");
        }
        return disk.machineId() + "-" + disk.target() + ".qcow2";
    }

    private static long bytes(DiskSpec disk) {
        return Math.multiplyExact(disk.sizeGib(), GIB);
    }

    private static long number(LibvirtXml volume, String element) {
        String text = volume.text(element);
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }
}
