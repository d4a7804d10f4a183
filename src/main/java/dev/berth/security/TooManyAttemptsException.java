package dev.berth.security;

import java.time.Duration;

/** So many wrong passwords or tokens were tried that none is looked at for a while. */
public final class TooManyAttemptsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String what;
    private final Duration pause;

    /** @param what {@code passwords} or {@code tokens} */
    TooManyAttemptsException(String what, Duration pause) {
        super("Too many wrong " + what);
        this.what = what;
        this.pause = pause;
    }

    /** How long to wait, in whole seconds, at least one. */
    public long seconds() {
        return Math.max(1, pause.plusMillis(999).toSeconds());
    }

    public String sentence() {
        return "Too many wrong " + what + " were tried. Wait " + seconds() + " s, then try again.";
    }
}
