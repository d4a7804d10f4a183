package dev.berth.machines;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "snapshot")
class SnapshotEntity {
    @Id
    UUID id;

    UUID machineId;
    UUID tenantId;
    String name;

    /** What a person should know of it, for now; empty for nothing. */
    String note = "";

    @Enumerated(EnumType.STRING)
    Snapshot.State state;

    long sizeBytes;

    /** How full its room for changes is, where that is bounded. */
    Integer filledPercent;

    boolean frozen;

    /** An earlier try may have left the machine held. */
    boolean paused;

    String createdBy;
    Instant createdAt;

    /** The order in which they were taken. */
    @Column(insertable = false, updatable = false)
    long position;
}
