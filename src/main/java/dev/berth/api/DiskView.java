package dev.berth.api;

import dev.berth.machines.Disk;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A disk as the API shows it. */
@Schema(name = "Disk")
public record DiskView(
        UUID id,
        @Schema(description = "Unique among the tenant's data disks.", examples = "data") String name,
        String tenant,
        @Schema(description = "The storage profile.", examples = "qcow2") String storage,
        @Schema(description = "Where it lies; machines on this host can have it.") String host,
        long sizeGib,
        @Schema(description = "It goes with its machine.") boolean system,
        @Schema(description = "The machine that has it; null for one that is kept by itself.", nullable = true)
                UUID machine,
        @Schema(description = "Its device, as far as the guest numbers as usual.", nullable = true, examples = "vdb")
                String target,
        @Schema(description = "By this the guest always finds it: `/dev/disk/by-id/virtio-<serial>`.") String serial,
        @Schema(
                        description = "How far it is.",
                        enumeration = {
                            "adding",
                            "attached",
                            "changing",
                            "at-next-start",
                            "detaching",
                            "detached",
                            "deleting"
                        })
                String state,
        @Schema(description = "What to know of it for now; empty for nothing.") String note,
        Instant createdAt) {
    static DiskView of(Disk disk) {
        return new DiskView(
                disk.id(),
                disk.name(),
                disk.tenantSlug(),
                disk.storageSlug(),
                disk.hostName(),
                disk.sizeGib(),
                disk.system(),
                disk.machineId(),
                disk.target(),
                disk.serial(),
                disk.state().key(),
                disk.note(),
                disk.createdAt());
    }
}
