package dev.berth.machines;

import dev.berth.hypervisor.DiskSpec;
import java.util.UUID;

/**
 * A move as the worker needs it.
 *
 * @param from the disk where it was
 * @param to the disk where it goes
 * @param current the volume that is the machine's disk now
 */
public record Moving(UUID id, MoveState state, DiskSpec from, DiskSpec to, UUID current) {
    /** The one of the two that is not the machine's disk. */
    public DiskSpec spare() {
        return current.equals(to.volume()) ? from : to;
    }
}
