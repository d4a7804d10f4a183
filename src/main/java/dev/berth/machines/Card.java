package dev.berth.machines;

import dev.berth.hypervisor.NicSpec;
import java.util.UUID;

/**
 * A network card as the worker needs it.
 *
 * @param pending the running domain may not have it, or not as its profile says
 * @param removing it has to go
 * @param seenAddress the address last seen on it, or empty
 */
public record Card(UUID id, NicSpec spec, boolean pending, boolean removing, String seenAddress) {}
