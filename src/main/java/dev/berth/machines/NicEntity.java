package dev.berth.machines;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;

@Entity
@Table(name = "nic")
class NicEntity {
    @Id
    UUID id;

    UUID machineId;
    UUID networkProfileId;
    String networkSlug;
    int position;
    String mac;
    String address;

    /** The running domain may not have the card, or not as its profile says. */
    boolean pending;

    /** On its way out. */
    boolean removing;

    String seenAddress = "";

    /** What a person should know of the card, for now; empty for nothing. */
    String note = "";

    Nic.State state() {
        if (removing) {
            return Nic.State.REMOVING;
        }
        if (!pending) {
            return Nic.State.PRESENT;
        }
        return note.isEmpty() ? Nic.State.ADDING : Nic.State.AT_NEXT_START;
    }
}
