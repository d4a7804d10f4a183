package dev.berth.hypervisor;

import java.util.UUID;

/**
 * A directory that a machine shares, as a host needs it.
 *
 * @param storage a profile of a kind that shares files
 * @param tenant the machine's team, by its short name: a directory of its own may be meant
 */
public record ShareSpec(UUID machineId, StorageSpec storage, String tenant) {
    /** By this the guest finds it. A profile's short name has at most 30 characters; virtio has room for 31. */
    public String tag() {
        return storage.slug();
    }
}
