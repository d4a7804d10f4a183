package dev.berth.machines;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.util.UUID;

/** A disk as a snapshot keeps it. */
@Entity
@Table(name = "snapshot_disk")
@IdClass(SnapshotDiskEntity.Key.class)
class SnapshotDiskEntity {
    record Key(UUID snapshotId, UUID diskId) implements java.io.Serializable {}

    @Id
    UUID snapshotId;

    @Id
    UUID diskId;

    UUID volume;
    long sizeGib;
}
