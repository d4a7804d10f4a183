package dev.berth.api;

import dev.berth.machines.Move;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A disk's move to other storage as the API shows it. */
@Schema(name = "Move")
public record MoveView(
        UUID id,
        UUID machine,
        UUID disk,
        @Schema(description = "The storage profile that the disk leaves.", examples = "qcow2") String from,
        @Schema(
                        description = "Where it goes; the same as `from` for a disk that is cut off its image.",
                        examples = "raw")
                String to,
        long sizeGib,
        @Schema(
                        description = "`done`: the new disk is in use and the old one is kept.",
                        enumeration = {"copying", "verifying", "done", "confirmed", "undone", "failed"})
                String state,
        @Schema(description = "Whether a worker still has something to do for it.") boolean pending,
        @Schema(description = "Whether the machine was started on the new disk: undoing loses what it wrote.")
                boolean started,
        @Schema(description = "What failed and what to do; empty when nothing did.") String failure,
        @Schema(description = "Bytes that the guest sees of the old disk; 0 until they are copied.") long bytes,
        @Schema(description = "SHA-256 of these bytes, once both copies have been compared; else empty.") String sha256,
        String requestedBy,
        Instant requestedAt,
        @Schema(nullable = true) Instant doneAt,
        @Schema(description = "When the old disk is deleted by itself.", nullable = true) Instant keepUntil) {
    static MoveView of(Move move) {
        return new MoveView(
                move.id(),
                move.machineId(),
                move.diskId(),
                move.from().slug(),
                move.to().slug(),
                move.sizeGib(),
                move.state().key(),
                move.pending(),
                move.started(),
                move.failure(),
                move.bytes(),
                move.digest(),
                move.requestedBy(),
                move.requestedAt(),
                move.doneAt(),
                move.keepUntil());
    }
}
