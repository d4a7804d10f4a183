package dev.berth.machines;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "capture")
class CaptureEntity {
    @Id
    UUID id;

    UUID machineId;
    UUID diskId;
    UUID tenantId;
    UUID templateId;

    /** The image's from the start, so that a worker that died leaves nothing but what the next one writes over. */
    UUID imageId;

    String imageName;
    String notes;

    @Enumerated(EnumType.STRING)
    Capture.State state;

    Integer revision;
    String failure = "";
    String requestedBy;
    Instant requestedAt;
}
