package dev.berth.api;

import dev.berth.machines.Capture;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A disk that becomes an image as the API shows it. */
@Schema(name = "Capture")
public record CaptureView(
        UUID id,
        UUID machine,
        UUID disk,
        @Schema(description = "The template that the image is proposed for.", examples = "linux") String template,
        @Schema(description = "The new image's name.", examples = "linux-with-tools") String image,
        String notes,
        @Schema(
                        description = "`proposed`: admins decide on the revision.",
                        enumeration = {"copying", "proposed", "failed"})
                String state,
        @Schema(description = "The number of the template's revision that was proposed.", nullable = true)
                Integer revision,
        @Schema(description = "What failed and what to do; empty when nothing did.") String failure,
        String requestedBy,
        Instant requestedAt) {
    static CaptureView of(Capture capture) {
        return new CaptureView(
                capture.id(),
                capture.machineId(),
                capture.diskId(),
                capture.template(),
                capture.imageName(),
                capture.notes(),
                capture.state().key(),
                capture.revision(),
                capture.failure(),
                capture.requestedBy(),
                capture.requestedAt());
    }
}
