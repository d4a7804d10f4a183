package dev.berth.console;

/** A console can't be opened; carries how that is told to the other end. */
final class ConsoleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Ending ending;

    ConsoleException(Ending ending, Throwable cause) {
        super(ending.reason(), cause);
        this.ending = ending;
    }

    ConsoleException(Ending ending) {
        this(ending, null);
    }

    Ending ending() {
        return ending;
    }
}
