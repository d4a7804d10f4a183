package dev.berth.machines;

import dev.berth.hypervisor.DiskSpeed;
import dev.berth.hypervisor.GuestSpeed;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "storage_speed")
class StorageSpeedEntity {
    @Id
    UUID id;

    UUID profileId;
    UUID hostId;
    String hostName;
    boolean wanted;
    String problem = "";
    long writeBytes;
    long readBytes;
    long writeOps;
    long readOps;
    String requestedBy;
    Instant requestedAt;
    Instant measuredAt;
    long guestWriteBytes;
    long guestReadBytes;
    String guestTemplate = "";
    Instant guestMeasuredAt;

    StorageSpeeds.Speed toSpeed() {
        return new StorageSpeeds.Speed(
                id,
                profileId,
                hostName,
                wanted,
                problem,
                new DiskSpeed(writeBytes, readBytes, writeOps, readOps),
                measuredAt,
                new GuestSpeed(guestWriteBytes, guestReadBytes),
                guestTemplate,
                guestMeasuredAt);
    }
}
