package dev.berth.catalog;

/** A file could not be fetched; the message says why, as a sentence. */
final class FetchException extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean passing;

    /** @param passing whether it may go well another time */
    FetchException(String message, boolean passing) {
        super(message);
        this.passing = passing;
    }

    boolean passing() {
        return passing;
    }
}
