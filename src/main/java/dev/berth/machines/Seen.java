package dev.berth.machines;

/** What was last seen of a machine's domain; {@code NONE} when there is none. */
public enum Seen {
    NONE,
    RUNNING,
    PAUSED,
    SHUTTING_DOWN,
    STOPPED,
    CRASHED
}
