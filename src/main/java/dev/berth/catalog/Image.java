package dev.berth.catalog;

import dev.berth.common.Bytes;
import java.time.Instant;
import java.util.UUID;

/** A checked disk image in the library, read-only from then on. */
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
        Instant createdAt) {
    private static final long GIB = 1L << 30;

    /** The smallest disk, in whole GiB, that holds it. */
    public long minDiskGib() {
        return (virtualSizeBytes + GIB - 1) / GIB;
    }

    public String fileSize() {
        return Bytes.words(fileSizeBytes);
    }

    public String virtualSize() {
        return Bytes.words(virtualSizeBytes);
    }
}
