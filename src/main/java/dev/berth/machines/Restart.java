package dev.berth.machines;

/** A restart that was asked for and not done yet. */
public enum Restart {
    /** Ask the guest. */
    REBOOT,
    /** Press the reset button. */
    RESET,
    /** Off, asking the guest first, and on again: for what takes effect at the next start. */
    CYCLE
}
