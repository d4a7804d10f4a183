package dev.berth.api;

import dev.berth.machines.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A snapshot as the API shows it. */
@Schema(name = "Snapshot")
public record SnapshotView(
        UUID id,
        @Schema(examples = "before the upgrade") String name,
        @Schema(
                        description = "How far it is.",
                        enumeration = {"taking", "ready", "reverting", "deleting", "failed"})
                String state,
        @Schema(description = "What to know of it for now; empty for nothing.") String note,
        @Schema(description = "The most that it may keep from being freed on the host, in bytes.") long sizeBytes,
        @Schema(
                        description =
                                "How full its room for changes is, in percent; once full, it is lost. Null where room"
                                        + " is not bounded.",
                        nullable = true)
                Integer filledPercent,
        @Schema(description = "Whether the guest had written everything out and kept still.") boolean frozen,
        @Schema(description = "A user name.") String createdBy,
        Instant createdAt,
        @Schema(description = "Whether it is so old that one should think about deleting it.") boolean old,
        @Schema(description = "When it is deleted for its age; null for never.", nullable = true) Instant endsAt,
        List<KeptDisk> disks) {
    /** A disk that a snapshot keeps. */
    public record KeptDisk(
            UUID id, @Schema(description = "Its device in the guest.", examples = "vda") String target, long sizeGib) {}

    static SnapshotView of(Snapshot snapshot) {
        return new SnapshotView(
                snapshot.id(),
                snapshot.name(),
                snapshot.state().key(),
                snapshot.note(),
                snapshot.sizeBytes(),
                snapshot.filledPercent(),
                snapshot.frozen(),
                snapshot.createdBy(),
                snapshot.createdAt(),
                snapshot.old(),
                snapshot.endsAt(),
                snapshot.disks().stream()
                        .map(disk -> new KeptDisk(disk.diskId(), disk.target(), disk.sizeGib()))
                        .toList());
    }
}
