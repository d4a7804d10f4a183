package dev.berth.hypervisor.disk;

import java.util.Set;

/**
 * A volume of LVM's as its tools describe it.
 *
 * @param bytes its own size, of a snapshot the room that it has for changes
 * @param origin the volume that it is a snapshot of, or empty
 * @param filledPercent how much of its room a snapshot has taken
 * @param broken whether a snapshot's room did not suffice, so that it keeps nothing any more
 */
record LogicalVolume(String name, long bytes, String origin, double filledPercent, boolean broken, Set<String> tags) {
    /** What a snapshot has come to keep so far, at most. */
    long filledBytes() {
        return (long) Math.ceil(bytes * filledPercent / 100);
    }
}
