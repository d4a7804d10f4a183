package dev.berth.api;

import dev.berth.machines.Device;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A registered device as the API shows it. */
@Schema(name = "Device")
public record DeviceView(
        UUID id,
        @Schema(examples = "kvm-1") String host,
        @Schema(examples = "/dev/disk/by-id/wwn-0x5000c500a1b2c3d4") String path,
        @Schema(description = "As its host saw it last; 0 before.") long sizeBytes,
        String serial,
        String model,
        @Schema(enumeration = {"checking", "free", "in_use", "wiping", "refused", "lost"}) String state,
        @Schema(description = "Why it is not free, a sentence; empty where the state says all.") String reason,
        @Schema(description = "Whether an admin may agree to overwrite what it holds.") boolean overwritable,
        @Schema(description = "How far the wiping is, while it is being wiped.") int wipedPercent,
        @Schema(description = "The machine whose disk has it.", nullable = true) UUID machine,
        String registeredBy,
        Instant registeredAt,
        @Schema(description = "When its host looked last.", nullable = true) Instant lookedAt) {
    static DeviceView of(Device device) {
        return new DeviceView(
                device.id(),
                device.hostName(),
                device.path(),
                device.sizeBytes(),
                device.serial(),
                device.model(),
                device.state().name().toLowerCase(Locale.ROOT),
                device.reason(),
                device.overwritable(),
                device.wipedPercent(),
                device.machineId(),
                device.registeredBy(),
                device.registeredAt(),
                device.lookedAt());
    }
}
