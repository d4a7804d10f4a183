package dev.berth.machines;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;

@Entity
@Table(name = "disk")
class DiskEntity {
    @Id
    UUID id;

    /** Names what holds the disk on its host; another after a move. */
    UUID volume;

    /** The whole device that was handed out for it, or empty. */
    String place = "";

    UUID machineId;
    UUID storageProfileId;
    String storageSlug;
    String target;
    long sizeGib;
    UUID imageId;
}
