package dev.berth.machines;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "boot_test")
class BootTestEntity {
    @Id
    UUID id;

    UUID revisionId;
    UUID machineId;
    UUID tenantId;
    String tenantSlug;
    String hostName;

    @Enumerated(EnumType.STRING)
    BootTest.State state = BootTest.State.RUNNING;

    String words = "";
    boolean approves;
    boolean measures;
    UUID begunBy;
    String begunName;
    Instant begunAt;
    Instant endedAt;

    BootTest toBootTest() {
        return new BootTest(
                id, revisionId, machineId, tenantSlug, hostName, state, words, approves, begunName, begunAt, endedAt);
    }
}
