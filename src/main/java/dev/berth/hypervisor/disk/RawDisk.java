package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.BlockSource;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.QemuImg;
import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.XmlTemplates;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A raw file in a {@link DirectoryPool}, a full copy of its image. It is made under another name and takes its own when
 * it is whole, so that a file of that name always is.
 */
@Singleton
public class RawDisk extends FileDisk {
    private static final String FILE = "disk/raw";
    private static final String SPACE = "space";
    private static final String SPARSE = "sparse";
    private static final String PREALLOCATED = "preallocated";

    public RawDisk(XmlTemplates templates) {
        super(templates, "raw");
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
    List<KindField> ownFields() {
        return List.of(KindField.choice(
                        SPACE,
                        "Space",
                        "sparse takes what is written; preallocated takes all of it at once, so that a"
                                + " disk never runs out of room. For disks that are made or grown from now on.",
                        SPARSE,
                        PREALLOCATED)
                .changeable());
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
            long bytes = BaseImages.fitting(disk, from);
            directory.make(disk, host, file -> {
                copy(disk, from, bytes, file, progress);
                grow(disk, file);
            });
        }
    }

    private static void copy(DiskSpec disk, BlockSource from, long bytes, Path to, Progress progress) {
        if (!sparse(disk) || !from.format().equals("raw") || !reflinked(from.path(), to)) {
            QemuImg.copy(from, bytes, to, "raw", List.of("preallocation=" + preallocation(disk)), progress);
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
    String sourceXml(DiskSpec disk) {
        return templates.render(FILE, "source", Map.of("path", directory.file(disk)));
    }
}
