package dev.berth.machines;

import java.util.Locale;

/** How far the move of a disk to other storage is. */
public enum MoveState {
    /** The old disk is in use; its copy is being made. */
    COPYING("Copying"),
    /** The old disk is in use; its copy is compared with it. */
    VERIFYING("Comparing"),
    /** The new disk is in use; the old one is kept for a while. */
    DONE("Moved, old disk kept"),
    /** The new disk is in use and the old one is not kept. */
    CONFIRMED("Moved"),
    /** The old disk is in use again. */
    UNDONE("Undone"),
    /** The old disk was in use all the time. */
    FAILED("Failed");

    private final String label;

    MoveState(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }

    /** In the API and in CSS classes: {@code copying}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the copy is still being made: nothing may write to the disk meanwhile. */
    public boolean copying() {
        return this == COPYING || this == VERIFYING;
    }
}
