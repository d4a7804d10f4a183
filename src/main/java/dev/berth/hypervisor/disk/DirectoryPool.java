package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.LibvirtXml;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.hypervisor.XmlTemplates;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A libvirt pool that is a directory of files, for the kinds whose disks are files. The pool's UUID is the profile's id;
 * a file is named for the volume. The worker runs next to its host, so the host's files are the worker's too.
 */
final class DirectoryPool {
    static final String PATH = "path";
    static final KindField FIELD = KindField.required(
                    PATH,
                    "Directory on the host",
                    "Disks are files in this directory. It is made if it is not there; nothing else should use it.",
                    "/var/lib/berth/disks")
            .offering(KindField.Offer.DIRECTORIES);

    private static final Pattern DIRECTORY = Pattern.compile("(/[A-Za-z0-9_-][A-Za-z0-9._-]*){2,}");
    static final Pattern UUID_TEXT = Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final String UNFINISHED = ".part";
    private static final int LITTLE_ROOM_PERCENT = 10;

    private final XmlTemplates templates;
    private final String suffix;

    /** @param suffix of the files' names, {@code .qcow2} for one */
    DirectoryPool(XmlTemplates templates, String suffix) {
        this.templates = templates;
        this.suffix = suffix;
    }

    static Map<String, String> problems(Map<String, String> config) {
        return DIRECTORY.matcher(config.getOrDefault(PATH, "")).matches()
                ? Map.of()
                : Map.of(
                        PATH,
                        "Write the full path of a directory at least two levels deep, of letters, digits, dots,"
                                + " hyphens and underscores, for example /var/lib/berth/disks.");
    }

    String name(StorageSpec storage) {
        return "berth-" + storage.slug();
    }

    Path directory(StorageSpec storage) {
        return Path.of(storage.config().getOrDefault(PATH, ""));
    }

    String fileName(DiskSpec disk) {
        return disk.volume() + suffix;
    }

    Path file(DiskSpec disk) {
        return directory(disk.storage()).resolve(fileName(disk));
    }

    HostCheck check(StorageSpec storage, LibvirtHost host) {
        List<String> problems = new ArrayList<>();
        List<String> advice = new ArrayList<>();
        host.pools().all().stream()
                .filter(pool ->
                        pool.text("target/path").equals(directory(storage).toString()))
                .map(pool -> pool.text("name"))
                .filter(name -> !name.equals(name(storage)))
                .forEach(name -> problems.add("The directory belongs to storage pool " + name + " on host "
                        + host.name() + ". Choose another directory in the storage profile."));
        if (!passable(directory(storage).getParent())) {
            problems.add("QEMU's user can't pass through the directories above the profile's on host " + host.name()
                    + ". Choose another directory, or allow it with \"chmod o+x\".");
        }
        Map<String, String> facts = space(directory(storage))
                .map(space -> {
                    if (space.free() * 100 < space.total() * LITTLE_ROOM_PERCENT) {
                        advice.add("Less than a tenth of the directory's file system on host " + host.name()
                                + " is free. Make room before disks run into its end.");
                    }
                    return space.facts();
                })
                .orElse(Map.of());
        return new HostCheck(problems, advice, facts);
    }

    /** The room on the file system where the directory is, or will be. */
    static Optional<StorageSpace> space(Path directory) {
        for (Path each = directory; each != null; each = each.getParent()) {
            try {
                FileStore store = Files.getFileStore(each);
                return Optional.of(new StorageSpace(store.getTotalSpace(), store.getUsableSpace()));
            } catch (IOException e) {
                // It is not there yet: the directory above it is where it will be.
            }
        }
        return Optional.empty();
    }

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

    void ensure(StorageSpec storage, LibvirtHost host) {
        String pool = name(storage);
        Optional<LibvirtXml> found = host.pools().find(pool);
        if (found.isEmpty()) {
            refuseUnfit(storage, host);
            host.pools()
                    .define(templates.render(
                            "disk/directory",
                            "pool",
                            Map.of("name", pool, "id", storage.profileId(), "path", directory(storage))));
        } else if (!found.get().text("target/path").equals(directory(storage).toString())) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "Host " + host.name() + " keeps the disks of storage profile " + storage.slug()
                            + " in another directory than the profile says. Put the profile's directory back.");
        }
        host.pools().start(pool);
    }

    private void refuseUnfit(StorageSpec storage, LibvirtHost host) {
        List<String> problems = new ArrayList<>(problems(storage.config()).values());
        if (problems.isEmpty()) {
            problems.addAll(check(storage, host).problems());
        }
        if (!problems.isEmpty()) {
            throw new HypervisorException(Reason.REJECTED, problems.get(0));
        }
    }

    /**
     * Makes the disk's file under another name and gives it its own when it is whole and written down, so that a file of
     * that name always is.
     */
    void make(DiskSpec disk, LibvirtHost host, Consumer<Path> writing) {
        Path unfinished = unfinished(disk);
        try {
            Files.deleteIfExists(unfinished);
            writing.accept(unfinished);
            Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rw-------"));
            try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(unfinished, file(disk), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failure(host, e);
        }
        host.pools().refresh(name(disk.storage()));
    }

    /** Deletes the disk's file, also one that was only half made. */
    void delete(DiskSpec disk, LibvirtHost host) {
        try {
            Files.deleteIfExists(unfinished(disk));
            Files.deleteIfExists(file(disk));
        } catch (IOException e) {
            throw failure(host, e);
        }
        host.pools().refresh(name(disk.storage()));
    }

    private Path unfinished(DiskSpec disk) {
        return directory(disk.storage()).resolve(fileName(disk) + UNFINISHED);
    }

    private static HypervisorException failure(LibvirtHost host, IOException e) {
        return new HypervisorException(
                Reason.FAILED, "The disk's file on host " + host.name() + " could not be written.", e);
    }

    void remove(StorageSpec storage, LibvirtHost host) {
        host.pools().remove(name(storage));
    }

    /** The volumes whose files lie there, whole or not. */
    Set<UUID> volumes(StorageSpec storage, LibvirtHost host) {
        return host.pools().volumeNames(name(storage)).stream()
                .filter(name -> name.endsWith(suffix))
                .map(name -> UUID_TEXT.matcher(name.substring(0, name.length() - suffix.length())))
                .filter(Matcher::matches)
                .map(matcher -> UUID.fromString(matcher.group()))
                .collect(Collectors.toSet());
    }
}
