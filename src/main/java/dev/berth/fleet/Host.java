package dev.berth.fleet;

import java.time.Instant;
import java.util.UUID;

/**
 * A libvirt host as its worker last saw it.
 *
 * @param problem why it is unreachable, empty when it is fine
 * @param domainType {@code kvm} or {@code qemu}
 * @param workerUrl where the worker next to it answers, empty when that is this same process
 */
public record Host(
        UUID id,
        String name,
        String uri,
        HostState state,
        String problem,
        Instant seenAt,
        String hostname,
        String domainType,
        int cpus,
        long memoryMib,
        String versions,
        String workerUrl) {
    public boolean takesMachines() {
        return state == HostState.ACTIVE && problem.isEmpty() && seenAt != null;
    }
}
