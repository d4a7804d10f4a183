package dev.berth.machines;

import java.util.EnumSet;
import java.util.Set;

/** What was last seen of a machine's domain; {@code NONE} when there is none. */
public enum Seen {
    NONE,
    RUNNING,
    PAUSED,
    SHUTTING_DOWN,
    STOPPED,
    CRASHED;

    /** The domain has its disks in use. */
    static final Set<Seen> ON = EnumSet.of(RUNNING, PAUSED, SHUTTING_DOWN);
}
