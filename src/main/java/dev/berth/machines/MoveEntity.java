package dev.berth.machines;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "disk_move")
class MoveEntity {
    @Id
    UUID id;

    UUID diskId;
    UUID machineId;
    UUID tenantId;
    long sizeGib;
    UUID fromProfileId;
    UUID fromVolume;
    String fromPlace = "";
    UUID fromImageId;
    UUID toProfileId;
    UUID toVolume;
    String toPlace = "";

    @Enumerated(EnumType.STRING)
    MoveState state;

    /** The worker has something left to do for it. */
    boolean pending;

    /** The machine was started on the new disk. */
    boolean started;

    String failure = "";
    long bytes;
    String digest = "";
    String requestedBy;
    Instant requestedAt;
    Instant doneAt;
    Instant keepUntil;

    /** Whether something of it is still to be done or decided. */
    boolean open() {
        return pending || state == MoveState.DONE;
    }
}
