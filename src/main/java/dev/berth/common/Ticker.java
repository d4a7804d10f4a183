package dev.berth.common;

import jakarta.inject.Singleton;
import java.time.Duration;

/** Counts time that really passed in this process; setting the clock does not touch it. */
@Singleton
public class Ticker {
    /** How long ago something was that never changes as long as the process lives. */
    public Duration now() {
        return Duration.ofNanos(System.nanoTime());
    }
}
