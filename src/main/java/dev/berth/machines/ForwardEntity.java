package dev.berth.machines;

import dev.berth.hypervisor.ForwardSpec.Protocol;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "forward")
class ForwardEntity {
    @Id
    UUID id;

    UUID machineId;
    UUID nicId;
    UUID hostId;
    String hostName;

    @Enumerated(EnumType.STRING)
    Protocol protocol;

    int hostPort;
    int guestPort;
    String description = "";
    String createdBy;
    Instant createdAt;

    /** When the host's rules had it, or null as long as they don't. */
    Instant appliedAt;

    Forward toForward(String hostAddress) {
        return new Forward(
                id,
                machineId,
                protocol,
                hostAddress,
                hostPort,
                guestPort,
                description,
                createdBy,
                createdAt,
                appliedAt == null ? Forward.State.OPENING : Forward.State.OPEN);
    }
}
