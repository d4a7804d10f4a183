package dev.berth.machines;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.UUID;

/** A warning that was sent for a machine's lease as it stands. */
@Entity
@Table(name = "lease_warning")
@IdClass(LeaseWarningEntity.Key.class)
class LeaseWarningEntity {
    record Key(UUID machineId, LeaseWarning warning) implements Serializable {}

    @Id
    UUID machineId;

    @Id
    @Enumerated(EnumType.STRING)
    LeaseWarning warning;

    Instant sentAt;

    /** What the keeper's own count stood at. */
    long watchedMs;
}
