package dev.berth.catalog;

import dev.berth.common.Bytes;
import java.time.Instant;
import java.util.UUID;

/**
 * A checked file in the library, read-only from then on: a disk image, a kernel or an initial RAM disk.
 *
 * @param virtualSizeBytes 0 for what is no disk
 * @param checkedAt when its contents were last compared with what was imported; null when that is about to happen
 * @param problem what is wrong with its file, as a sentence; empty when nothing is
 */
public record Image(
        UUID id,
        String name,
        String description,
        String format,
        ImageState state,
        long virtualSizeBytes,
        long fileSizeBytes,
        String sha256,
        String createdBy,
        Instant createdAt,
        Instant checkedAt,
        String problem) {
    private static final long GIB = 1L << 30;

    /** Whether disks are made from it: kernels and initial RAM disks are none. */
    public boolean disk() {
        return format.equals("qcow2") || format.equals("raw");
    }

    /** The smallest disk, in whole GiB, that holds it. */
    public long minDiskGib() {
        return (virtualSizeBytes + GIB - 1) / GIB;
    }

    /** Whether it is quarantined, but known to be what was imported since its contents were read again. */
    public boolean releasable() {
        return state == ImageState.QUARANTINED && problem.isEmpty() && checkedAt != null;
    }

    public String fileSize() {
        return Bytes.words(fileSizeBytes);
    }

    public String virtualSize() {
        return Bytes.words(virtualSizeBytes);
    }
}
