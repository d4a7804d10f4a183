package dev.berth.notices;

/** It did not arrive, as far as we know; worth another try. */
final class UndeliveredException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    /** @param status the HTTP status of the answer, or 0 for none */
    UndeliveredException(int status, String message) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }
}
