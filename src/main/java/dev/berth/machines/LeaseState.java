package dev.berth.machines;

/** How far a lease is. */
public enum LeaseState {
    /** It has no end: an admin pinned the machine. */
    PINNED,
    ACTIVE,
    /** It ends soon, and its people were told. */
    WARNED,
    /** It has ended; the machine is kept for a while and then deleted. */
    GRACE
}
