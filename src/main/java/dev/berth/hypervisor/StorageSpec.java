package dev.berth.hypervisor;

import java.util.Map;
import java.util.UUID;

/**
 * A storage profile as a host needs it.
 *
 * @param kind the kind's id, {@code qcow2} and so on
 * @param config the kind's own settings; for {@code qcow2}: {@code path}, the directory on the host
 */
public record StorageSpec(UUID profileId, String slug, String kind, Map<String, String> config) {}
