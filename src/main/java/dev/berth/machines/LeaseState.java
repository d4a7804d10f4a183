package dev.berth.machines;

import java.util.Locale;

/** How far a lease is. */
public enum LeaseState {
    /** It has no end: an admin pinned the machine. */
    PINNED("No end"),
    ACTIVE("Goes on"),
    /** It ends soon, and its people were told. */
    WARNED("Ends soon"),
    /** It has ended; the machine is kept for a while and then deleted. */
    GRACE("Has ended");

    private final String label;

    LeaseState(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }

    /** The word in URLs. */
    public String css() {
        return name().toLowerCase(Locale.ROOT);
    }
}
