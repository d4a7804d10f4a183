package dev.berth.machines;

import dev.berth.hypervisor.DiskSpec;
import java.util.UUID;

/**
 * A disk as the worker needs it.
 *
 * @param system the machine's own, which goes with it
 * @param pending the running domain may not have it, or not as it should be; by itself: it is still to be grown
 * @param removing it has to leave its machine
 * @param deleting it has to go, with everything on it
 * @param made it was handed over once: a missing one is a loss
 */
public record MachineDisk(
        UUID id, DiskSpec spec, boolean system, boolean pending, boolean removing, boolean deleting, boolean made) {}
