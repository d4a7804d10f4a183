package dev.berth.hypervisor;

import java.util.UUID;

/**
 * One domain with Berth's mark, as the bulk call returns it.
 *
 * @param machineId from Berth's metadata in the domain, which is also the domain's UUID
 */
public record DomainSummary(UUID machineId, String name, DomainState state) {}
