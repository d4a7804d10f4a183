package dev.berth.machines;

/** What a person wants of a machine. */
public enum Wanted {
    RUNNING,
    STOPPED,
    GONE
}
