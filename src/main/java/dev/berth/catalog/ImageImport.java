package dev.berth.catalog;

import dev.berth.common.Bytes;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;

/**
 * An image that is fetched from an address, as people see it.
 *
 * @param id also the image's, once there is one
 * @param url without what follows a question mark, which may be secret
 * @param totalBytes 0 as long as nobody knows
 * @param bytesPerSecond how fast it comes
 * @param failure why it failed, or why it is tried again; a sentence or empty
 */
public record ImageImport(
        UUID id,
        String name,
        String format,
        String url,
        State state,
        int attempts,
        long doneBytes,
        long totalBytes,
        long bytesPerSecond,
        String failure,
        String requestedBy,
        Instant requestedAt,
        Instant finishedAt) {
    private static final double MEGABYTE = 1_000_000;

    /** How far it is. */
    public enum State {
        WAITING,
        FETCHING,
        /** All of it is here and has the right digest; now it is looked at. */
        CHECKING,
        DONE,
        FAILED,
        CANCELLED;

        public boolean open() {
            return this == WAITING || this == FETCHING || this == CHECKING;
        }

        public boolean cancellable() {
            return this == WAITING || this == FETCHING;
        }
    }

    /** In whole percent; 0 as long as nobody knows. */
    public int percent() {
        return totalBytes == 0 ? 0 : (int) (doneBytes * 100 / totalBytes);
    }

    /** {@code 42 % of 1.2 GiB, 85 MB/s}. */
    public String words() {
        if (doneBytes == 0) {
            return "";
        }
        String rate = String.format(Locale.ROOT, "%.1f MB/s", bytesPerSecond / MEGABYTE);
        return (totalBytes == 0 ? Bytes.words(doneBytes) : percent() + " % of " + Bytes.words(totalBytes))
                + (state == State.FETCHING ? ", " + rate : "");
    }
}
