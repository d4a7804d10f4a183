package dev.berth.machines;

import java.time.Instant;
import java.util.UUID;

/**
 * A registered device.
 *
 * @param path the one that stays, as it was registered
 * @param resolved what that led to when its host looked last; empty when it was not there
 * @param reason why it is not free, a sentence; empty where the state says all
 * @param overwritable whether an admin may agree to overwrite what it holds
 * @param agreed whether one has
 * @param wipedPercent how far the wiping of it is then
 * @param volume the disk's that has it, or null
 * @param machineId the machine with that disk, or null
 * @param lookedAt when its host looked last, or null
 */
public record Device(
        UUID id,
        UUID storageProfileId,
        UUID hostId,
        String hostName,
        String path,
        String resolved,
        long sizeBytes,
        String serial,
        String model,
        DeviceState state,
        String reason,
        boolean overwritable,
        boolean agreed,
        int wipedPercent,
        UUID volume,
        UUID machineId,
        String machineName,
        String tenantSlug,
        String registeredBy,
        Instant registeredAt,
        Instant lookedAt) {
    /** What an admin types to agree: a path's last part; of what is no path, a LUN, all of it. */
    public String name() {
        return path.startsWith("/") ? path.substring(path.lastIndexOf('/') + 1) : path;
    }

    /** Its host looked for it and did not find it. */
    public boolean gone() {
        return lookedAt != null && resolved.isEmpty();
    }
}
