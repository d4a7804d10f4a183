package dev.berth.catalog;

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
        return people(fileSizeBytes);
    }

    public String virtualSize() {
        return people(virtualSizeBytes);
    }

    private static String people(long bytes) {
        return bytes >= GIB
                ? String.format(java.util.Locale.ROOT, "%.1f GiB", bytes / (double) GIB)
                : Math.max(1, bytes >> 20) + " MiB";
    }
}
