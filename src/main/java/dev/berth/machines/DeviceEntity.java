package dev.berth.machines;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "device")
class DeviceEntity {
    @Id
    UUID id;

    UUID storageProfileId;
    UUID hostId;
    String hostName;
    String path;
    String resolved = "";
    long sizeBytes;
    String serial = "";
    String model = "";

    @Enumerated(EnumType.STRING)
    DeviceState state = DeviceState.CHECKING;

    String reason = "";
    boolean overwritable;
    boolean agreed;
    int wipedPercent;
    UUID volume;
    String registeredBy;
    Instant registeredAt;
    Instant lookedAt;
    long version;

    void become(DeviceState next, String why, boolean mayBeOverwritten) {
        if (state != next) {
            version++;
        }
        state = next;
        reason = why;
        overwritable = mayBeOverwritten;
    }

    /** Its host looked for it and did not find it. */
    boolean isGone() {
        return lookedAt != null && resolved.isEmpty();
    }

    Device toDevice(MachineEntity machine) {
        return new Device(
                id,
                storageProfileId,
                hostId,
                hostName,
                path,
                resolved,
                sizeBytes,
                serial,
                model,
                state,
                reason,
                overwritable,
                agreed,
                wipedPercent,
                volume,
                machine == null ? null : machine.id,
                machine == null ? "" : machine.name,
                machine == null ? "" : machine.tenantSlug,
                registeredBy,
                registeredAt,
                lookedAt);
    }
}
