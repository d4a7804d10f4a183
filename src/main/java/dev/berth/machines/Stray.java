package dev.berth.machines;

import java.time.Instant;
import java.util.UUID;

/**
 * Something on a host that carries Berth's mark and belongs to nothing here.
 *
 * @param ref the domain's id, or the volume's
 * @param profileId the storage profile that a volume lies on, or null
 * @param storage that profile's short name; empty for a domain
 * @param vcpus null for a volume, and where the host could not say; so are the other figures
 * @param bytes what a guest would see of a volume
 * @param since when it was first found
 * @param removing an admin wants it off its host
 * @param note why that could not be done; empty when nothing went wrong
 */
public record Stray(
        UUID id,
        Kind kind,
        UUID ref,
        String hostName,
        String name,
        UUID profileId,
        String storage,
        boolean running,
        Integer vcpus,
        Long memoryMib,
        Long bytes,
        Instant since,
        boolean removing,
        String note) {
    /** What it is. */
    public enum Kind {
        /** A virtual machine as libvirt has it. */
        DOMAIN,
        /** What holds a disk: a file, a logical volume, a partition or a device. */
        VOLUME
    }

    /** What tells it from the others of its host. */
    public record Key(Kind kind, UUID ref) {}

    public Key key() {
        return new Key(kind, ref);
    }
}
