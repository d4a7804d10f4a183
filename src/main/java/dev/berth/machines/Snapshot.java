package dev.berth.machines;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * A kept state of a machine's disks, all of one point in time.
 *
 * @param note what a person should know of it for now, or empty
 * @param sizeBytes what it may at most keep from being freed on the host
 * @param filledPercent how full its room for changes is, or null where that can't be; once it is full the snapshot is lost
 * @param frozen whether the guest had written everything out and kept still
 * @param old whether it is time to think about deleting it
 * @param endsAt when it is deleted for its age, or null
 */
public record Snapshot(
        UUID id,
        String name,
        State state,
        String note,
        long sizeBytes,
        Integer filledPercent,
        boolean frozen,
        String createdBy,
        Instant createdAt,
        boolean old,
        Instant endsAt,
        List<Part> disks) {
    /** From here on its owner is told. */
    static final int NEARLY_FULL_PERCENT = 80;

    /** How far it is. */
    public enum State {
        TAKING("Being taken"),
        READY("Ready"),
        REVERTING("Being reverted to"),
        DELETING("Being deleted"),
        FAILED("Failed");

        private final String label;

        State(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }

        /** The word in the API. */
        public String key() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        /** Whether a worker is at it. */
        public boolean changing() {
            return this == TAKING || this == REVERTING || this == DELETING;
        }
    }

    /**
     * One disk that it keeps.
     *
     * @param target its device in the guest, {@code vda} for one
     */
    public record Part(UUID diskId, String target, long sizeGib) {}

    /** Whether its room for changes is nearly used up. */
    public boolean filling() {
        return state == State.READY && filledPercent != null && filledPercent >= NEARLY_FULL_PERCENT;
    }

    public boolean ready() {
        return state == State.READY;
    }
}
