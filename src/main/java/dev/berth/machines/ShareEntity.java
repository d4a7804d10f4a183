package dev.berth.machines;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "machine_share")
class ShareEntity {
    @Id
    UUID id;

    UUID machineId;
    UUID storageProfileId;
    String storageSlug;
    Instant createdAt;

    /** The machine has not started with it yet. */
    boolean pending;

    /** On its way out. */
    boolean removing;

    /** What a person should know of it, for now; empty for nothing. */
    String note = "";

    Share.State state() {
        if (removing) {
            return Share.State.REMOVING;
        }
        if (!pending) {
            return Share.State.PRESENT;
        }
        return note.isEmpty() ? Share.State.ADDING : Share.State.AT_NEXT_START;
    }
}
