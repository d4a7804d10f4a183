package dev.berth.catalog;

import dev.berth.common.Checks;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What a new revision's machines are to start from, looked up in the library and checked. */
@ApplicationScoped
class BootParts {
    /** A kernel unpacks its RAM disk beside the packed one. */
    private static final long MEMORY_FOR_FILES = 2;

    private final Images.ImageRepository images;

    BootParts(Images.ImageRepository images) {
        this.images = images;
    }

    /** Writes it into the revision; what is wrong with it is said of the fields {@code image, kernel, initrd...}. */
    void fill(RevisionEntity revision, Templates.BootDraft draft, List<SizeEntity> sizes, Checks checks) {
        revision.boot = draft.from();
        switch (draft.from()) {
            case IMAGE -> {
                revision.image = ready(draft.image(), Image::disk);
                checks.require("image", revision.image != null, "Choose an image that is ready.");
                checkDisk(revision, sizes, checks);
            }
            case KERNEL -> {
                boolean alone = draft.initrd() == null || draft.initrd().isEmpty();
                revision.kernel = ready(draft.kernel(), image -> image.format().equals("kernel"));
                revision.initrd = alone
                        ? null
                        : ready(draft.initrd(), image -> image.format().equals("initrd"));
                revision.commandLine =
                        draft.commandLine() == null ? "" : draft.commandLine().strip();
                checks.require("kernel", revision.kernel != null, "Choose a kernel of the library that is ready.")
                        .require(
                                "initrd",
                                alone || revision.initrd != null,
                                "Choose an initial RAM disk of the library that is ready.")
                        .line("commandLine", revision.commandLine, Boot.LONGEST_COMMAND_LINE);
                checkMemory(revision, sizes, checks);
            }
            case NETWORK -> {}
        }
    }

    /** Locked, so that it is not retired before the revision is there to be seen. */
    private ImageEntity ready(String name, Predicate<Image> fits) {
        ImageEntity image = images.find("name = ?1 and state = ?2", String.valueOf(name), ImageState.READY)
                .withLock(LockModeType.PESSIMISTIC_READ)
                .firstResult();
        return image == null || !fits.test(image.toImage()) ? null : image;
    }

    private static void checkDisk(RevisionEntity revision, List<SizeEntity> sizes, Checks checks) {
        if (revision.image != null) {
            long min = revision.image.toImage().minDiskGib();
            checks.require(
                    "sizes",
                    sizes.stream().allMatch(size -> size.diskGib >= min),
                    "The image needs a disk of at least " + min + " GiB; leave out the sizes with less.");
        }
    }

    private static void checkMemory(RevisionEntity revision, List<SizeEntity> sizes, Checks checks) {
        long bytes = Stream.of(revision.kernel, revision.initrd)
                .filter(Objects::nonNull)
                .mapToLong(file -> file.fileSizeBytes)
                .sum();
        long min = (bytes * MEMORY_FOR_FILES >> 20) + 1;
        checks.require(
                "sizes",
                sizes.stream().allMatch(size -> size.memoryMib >= min),
                "The kernel and its RAM disk need at least " + min + " MiB of memory; leave out the sizes with less.");
    }
}
