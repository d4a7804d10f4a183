package dev.berth.machines;

import dev.berth.hypervisor.ShareSpec;
import java.util.UUID;

/**
 * A shared directory as the worker needs it.
 *
 * @param pending the machine has not started with it yet
 * @param removing it has to go
 */
public record MachineShare(UUID id, ShareSpec spec, boolean pending, boolean removing) {}
