package dev.berth.machines;

import dev.berth.catalog.Profile;
import java.time.Instant;
import java.util.UUID;

/**
 * A disk's move to other storage, as people see it.
 *
 * @param from the storage that it leaves; the same as {@code to} for a disk that is cut off its image
 * @param pending the host still has something to do for it
 * @param started the machine was started since the move, so that going back loses what it wrote
 * @param failure what failed and what to do, or empty
 * @param bytes what the guest sees of the disk, 0 until it was looked at
 * @param digest the SHA-256 of those bytes as they were moved, or empty
 * @param keepUntil when the old disk is deleted by itself, or null
 */
public record Move(
        UUID id,
        UUID diskId,
        UUID machineId,
        Profile from,
        Profile to,
        long sizeGib,
        MoveState state,
        boolean pending,
        boolean started,
        String failure,
        long bytes,
        String digest,
        String requestedBy,
        Instant requestedAt,
        Instant doneAt,
        Instant keepUntil) {
    /** The old disk lies beside the new one, and a person may choose. */
    public boolean decidable() {
        return state == MoveState.DONE;
    }

    public boolean flattens() {
        return from.id().equals(to.id());
    }
}
