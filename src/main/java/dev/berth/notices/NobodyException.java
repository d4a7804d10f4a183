package dev.berth.notices;

/** There is nobody to send it to any more. */
final class NobodyException extends Exception {
    private static final long serialVersionUID = 1L;

    NobodyException(String message) {
        super(message);
    }
}
