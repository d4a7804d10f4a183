package dev.berth.catalog;

import dev.berth.common.Bytes;
import java.time.Instant;
import java.util.UUID;

/**
 * A checked disk image in the library, read-only from then on.
 *
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
