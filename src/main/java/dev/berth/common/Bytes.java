package dev.berth.common;

import java.util.Locale;

/** Amounts of bytes for people. */
public final class Bytes {
    private static final long GIB = 1L << 30;

    private Bytes() {}

    /** {@code 2.5 GiB}, {@code 12 MiB}; never less than one MiB. */
    public static String words(long bytes) {
        return bytes >= GIB
                ? String.format(Locale.ROOT, "%.1f GiB", bytes / (double) GIB)
                : Math.max(1, bytes >> 20) + " MiB";
    }
}
