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

    UUID machineId;
    UUID storageProfileId;
    String storageSlug;
    String target;
    long sizeGib;
    UUID imageId;
}
