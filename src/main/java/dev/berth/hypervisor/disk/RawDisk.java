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
import dev.berth.hypervisor.QemuImg;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.XmlTemplates;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A raw file in a {@link DirectoryPool}, a full copy of its image. It is made under another name and takes its own when
 * it is whole, so that a file of that name always is.
 */
@Singleton
public class RawDisk implements DiskKind {
    private static final String FILE = "disk/raw";
    private static final String SPACE = "space";
    private static final String SPARSE = "sparse";
    private static final String PREALLOCATED = "preallocated";

    private final XmlTemplates templates;
    private final DirectoryPool directory;

    public RawDisk(XmlTemplates templates) {
        this.templates = templates;
        this.directory = new DirectoryPool(templates, ".raw");
    }

    @Override
    public String id() {
        return "raw";
    }

    @Override
    public Traits traits() {
        return new Traits(
                "raw file",
                "Simple, and less overhead than qcow2 on each write. Independent of its image once it is made.",
                "Thick: the image is copied for each machine, which takes time and space. Slower than a device, and no snapshots.",
                "Images are copied with progress, by reference where the file system can, sparse or preallocated as you say.");
    }

    @Override
    public DiskFit fit() {
        return new DiskFit(false, DiskFit.Speed.FILE, false, false);
    }

    @Override
    public Set<Ability> abilities() {
        return EnumSet.of(Ability.SYSTEM_DISK, Ability.GROW);
    }

    @Override
    public List<KindField> fields() {
        List<KindField> fields = new ArrayList<>(List.of(
                DirectoryPool.FIELD,
                KindField.choice(
                                SPACE,
                                "Space",
                                "sparse takes what is written; preallocated takes all of it at once, so that a"
                                        + " disk never runs out of room. For disks that are made or grown from now on.",
                                SPARSE,
                                PREALLOCATED)
                        .changeable()));
        fields.addAll(DiskSettings.fields("writeback", "none", "writethrough", "directsync"));
        return fields;
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>(DirectoryPool.problems(config));
        problems.putAll(DiskSettings.problems(config));
        return problems;
    }

    @Override
    public HostCheck check(StorageSpec storage, LibvirtHost host) {
        return directory.check(storage, host);
    }

    @Override
    public void ensureStorage(StorageSpec storage, LibvirtHost host) {
        directory.ensure(storage, host);
    }

    @Override
    public void removeStorage(StorageSpec storage, LibvirtHost host) {
        directory.remove(storage, host);
    }

    @Override
    public boolean exists(DiskSpec disk, LibvirtHost host) {
        return Files.isRegularFile(directory.file(disk));
    }

    @Override
    public void ensure(DiskSpec disk, LibvirtHost host, Progress progress) {
        if (exists(disk, host)) {
            grow(disk, directory.file(disk));
        } else if (disk.base() == null) {
            directory.make(
                    disk,
                    host,
                    file -> QemuImg.create(file, "raw", List.of("preallocation=" + preallocation(disk)), disk.bytes()));
        } else {
            BaseImages.refuseUnfit(disk.base(), disk.bytes(), host.name());
            fill(disk, new BlockSource(disk.base().format(), disk.base().path()), host, progress);
        }
    }

    @Override
    public void fill(DiskSpec disk, BlockSource from, LibvirtHost host, Progress progress) {
        if (!exists(disk, host)) {
            DirectoryPool.refuseTooSmall(disk, from);
            directory.make(disk, host, file -> {
                copy(disk, from, file, progress);
                grow(disk, file);
            });
        }
    }

    private static void copy(DiskSpec disk, BlockSource from, Path to, Progress progress) {
        if (!sparse(disk) || !from.format().equals("raw") || !reflinked(from.path(), to)) {
            QemuImg.copy(from, to, "raw", List.of("preallocation=" + preallocation(disk)), progress);
        }
    }

    private static void grow(DiskSpec disk, Path file) {
        try {
            if (Files.size(file) < disk.bytes()) {
                QemuImg.grow(new BlockSource("raw", file.toString()), disk.bytes(), preallocation(disk));
            }
        } catch (IOException e) {
            throw new HypervisorException(Reason.FAILED, "The disk's file could not be looked at.", e);
        }
    }

    /** Whether the file system let the copy share the image's blocks. */
    private static boolean reflinked(String from, Path to) {
        return HostCommand.of("cp", "--reflink=always", "--", from, to.toString())
                .run()
                .succeeded();
    }

    private static boolean sparse(DiskSpec disk) {
        return !PREALLOCATED.equals(disk.storage().config().get(SPACE));
    }

    private static String preallocation(DiskSpec disk) {
        return sparse(disk) ? "off" : "falloc";
    }

    @Override
    public void delete(DiskSpec disk, LibvirtHost host, Progress progress) {
        directory.delete(disk, host);
    }

    @Override
    public Set<UUID> volumes(StorageSpec storage, LibvirtHost host) {
        return directory.volumes(storage, host);
    }

    @Override
    public BlockSource source(DiskSpec disk, LibvirtHost host) {
        return new BlockSource("raw", directory.file(disk).toString());
    }

    @Override
    public String render(DiskSpec disk) {
        return DiskXml.render(
                templates,
                disk,
                DiskSettings.of(disk.storage().config(), "writeback"),
                "file",
                "raw",
                templates.render(FILE, "source", Map.of("path", directory.file(disk))));
    }
}
