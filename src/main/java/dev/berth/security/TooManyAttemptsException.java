package dev.berth.security;

import java.time.Duration;

/** So many wrong passwords were tried that none is looked at for a while. */
public final class TooManyAttemptsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Duration pause;

    TooManyAttemptsException(Duration pause) {
        super("Too many wrong passwords");
        this.pause = pause;
    }

    /** How long to wait, in whole seconds, at least one. */
    public long seconds() {
        return Math.max(1, pause.plusMillis(999).toSeconds());
    }

    public String sentence() {
        return "Too many wrong passwords were tried. Wait " + seconds() + " s, then try again.";
    }
}
