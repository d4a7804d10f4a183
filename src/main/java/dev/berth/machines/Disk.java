package dev.berth.machines;

import dev.berth.catalog.Profile;
import java.time.Instant;
import java.util.UUID;

/**
 * A disk as people see it.
 *
 * @param machineId the machine that has it, or null for a disk that is kept by itself; as is its name
 * @param target its device in the guest, {@code vdb} for one, or null for a disk that is kept by itself. A guest may name
 *     it otherwise; the serial number holds
 * @param system it goes with its machine
 * @param note what a person should know of it for now, or empty
 */
public record Disk(
        UUID id,
        UUID tenantId,
        String tenantSlug,
        String name,
        Profile storage,
        String hostName,
        UUID machineId,
        String machineName,
        String target,
        String serial,
        long sizeGib,
        boolean system,
        State state,
        String note,
        Instant createdAt) {
    /** How far a disk is. */
    public enum State {
        ADDING("adding", "Being added"),
        ATTACHED("attached", "Attached"),
        CHANGING("changing", "Being changed"),
        AT_NEXT_START("at-next-start", "At the next start"),
        DETACHING("detaching", "Being detached"),
        DETACHED("detached", "Kept by itself"),
        DELETING("deleting", "Being deleted");

        private final String key;
        private final String label;

        State(String key, String label) {
            this.key = key;
            this.label = label;
        }

        /** The word in the API. */
        public String key() {
            return key;
        }

        public String label() {
            return label;
        }

        /** A worker is at it, or will be soon. */
        public boolean changing() {
            return this == ADDING || this == CHANGING || this == DETACHING || this == DELETING;
        }
    }

    public String storageSlug() {
        return storage.slug();
    }

    public boolean attached() {
        return machineId != null;
    }

    /** How a Linux guest always finds it. */
    public String path() {
        return "/dev/disk/by-id/virtio-" + serial;
    }

    public boolean canAttach() {
        return state == State.DETACHED;
    }

    public boolean canDetach() {
        return attached() && !system && state != State.DETACHING && state != State.DELETING;
    }

    public boolean canGrow() {
        return state != State.DETACHING && state != State.DELETING;
    }

    public boolean canDelete() {
        return !system && state != State.DELETING;
    }
}
