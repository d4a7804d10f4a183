package dev.berth.hypervisor;

import java.util.Map;
import java.util.UUID;

/**
 * A network profile as a host needs it.
 *
 * @param kind the kind's id, {@code nat} and so on
 * @param config the kind's own settings; for {@code nat}: {@code cidr}, {@code rangeStart}, {@code rangeEnd}
 */
public record NetworkSpec(UUID profileId, String slug, String kind, Map<String, String> config) {}
