package dev.berth.catalog;

import dev.berth.hypervisor.Traits;
import dev.berth.security.Caller;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A named use of one kind of network or disk, with the kind's words for people.
 *
 * @param tenants those that may use it; empty for all
 * @param version goes up with each change
 */
public record Profile(
        UUID id,
        String slug,
        String name,
        String description,
        String kind,
        Traits traits,
        Map<String, String> config,
        boolean retired,
        Set<UUID> tenants,
        long version) {
    /** Whether a new machine of this tenant may use it. */
    public boolean usableBy(UUID tenantId) {
        return !retired && (tenants.isEmpty() || tenants.contains(tenantId));
    }

    /** Others' private profiles are not there for a person who does not see all. */
    public boolean visibleTo(Caller caller) {
        return caller.seesAll() || tenants.isEmpty() || tenants.stream().anyMatch(caller.tenants()::containsKey);
    }
}
