package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.BlockSource;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.DiskSpec.BaseImage;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.Qcow2Header;
import dev.berth.hypervisor.QemuImg;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;

/** Looks at what a disk is made from, an image or another disk, before it is. */
final class BaseImages {
    private BaseImages() {}

    /**
     * Refuses an image that a disk of this size would cut off, that QEMU could not read, or that stands on another file:
     * imports, captures, clones and moves all make files that stand by themselves, so no chain is ever deeper than one
     * disk on one image.
     *
     * @throws HypervisorException {@code MISSING} or {@code REJECTED}
     */
    static void refuseUnfit(BaseImage base, long diskBytes, String host) {
        try {
            Path file = Path.of(base.path());
            if (!Files.isRegularFile(file)
                    || !Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                throw new HypervisorException(
                        Reason.MISSING,
                        "The image is not on host " + host + ", or QEMU may not read it there."
                                + " Ask an admin to put it back, then retry.");
            }
            if (virtualSize(base, file) > diskBytes) {
                throw new HypervisorException(
                        Reason.REJECTED,
                        "The disk is smaller than the image it starts from. Choose a size with a larger disk.");
            }
        } catch (IOException e) {
            throw new HypervisorException(Reason.FAILED, "The image on host " + host + " could not be looked at.", e);
        }
    }

    /**
     * How many bytes a guest sees there.
     *
     * @throws HypervisorException {@code REJECTED} if the disk has no room for all of them
     */
    static long fitting(DiskSpec disk, BlockSource from) {
        long bytes = QemuImg.virtualSize(from);
        if (bytes > disk.bytes()) {
            throw new HypervisorException(
                    Reason.REJECTED, "The new disk is smaller than the old one. Choose storage with a larger one.");
        }
        return bytes;
    }

    private static long virtualSize(BaseImage base, Path file) throws IOException {
        if (!base.format().equals("qcow2")) {
            return Files.size(file);
        }
        Qcow2Header header = Qcow2Header.read(file)
                .orElseThrow(() -> new HypervisorException(
                        Reason.MISSING,
                        "The image's file is not the qcow2 image that it was. Ask an admin to put it back."));
        if (header.hasBackingFile() || header.namesDataFile()) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "The image stands on another file, and an image has to stand by itself: a disk is one step from its"
                            + " image and no more. Ask an admin to import it anew, flattened.");
        }
        return header.virtualSizeBytes();
    }
}
