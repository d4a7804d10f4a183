package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.machines.Captures;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Disks of a machine that become images. */
@Path(ApiPaths.V1 + "/machines/{id}/captures")
@Tag(name = "Machines")
public class CaptureResource {
    /** Which disk becomes which image. */
    public record NewCapture(
            @Schema(required = true, description = "The disk's id.") UUID disk,
            @Schema(required = true, description = "The template that gets a revision with it.", examples = "linux")
                    String template,
            @Schema(required = true, description = "The new image's name.", examples = "linux-with-tools") String image,
            @Schema(description = "What is new in it, for the admin who decides.", defaultValue = "") String notes) {}

    private final Callers callers;
    private final Captures captures;

    CaptureResource(Callers callers, Captures captures) {
        this.callers = callers;
        this.captures = captures;
    }

    @GET
    @Operation(summary = "List what was captured of a machine", description = "Newest first.")
    public Page<CaptureView> list(@PathParam("id") UUID id, @BeanParam Paging paging) {
        return paging.slice(
                captures.list(callers.current(), id).stream()
                        .map(CaptureView::of)
                        .toList(),
                capture -> capture.id().toString());
    }

    @POST
    @Idempotent
    @APIResponse(responseCode = "202", description = "Wanted from now on; a worker brings it about.")
    @Operation(
            summary = "Make an image of a disk",
            description =
                    "The machine has to be off, and can't start while its disk is copied. What comes of it is a"
                            + " revision of the template, in review: nothing starts from it before an admin approves it. Take"
                            + " out of the guest first what is its own: machine-id, SSH host keys, cloud-init's state, secrets.")
    public RestResponse<CaptureView> start(@PathParam("id") UUID id, NewCapture capture) {
        UUID disk = Answers.body(capture).disk();
        if (disk == null) {
            throw ProblemException.invalid("disk", "Say which disk, by its id.");
        }
        return Answers.accepted(CaptureView.of(captures.start(
                callers.current(),
                id,
                disk,
                new Captures.Wish(
                        Answers.text(capture.template()),
                        Answers.text(capture.image()),
                        Answers.text(capture.notes())))));
    }

    @POST
    @Path("/{capture}/cancel")
    @Idempotent
    @Operation(summary = "Stop making an image of a disk", description = "What was copied so far is thrown away.")
    public CaptureView cancel(@PathParam("id") UUID id, @PathParam("capture") UUID capture) {
        return CaptureView.of(captures.cancel(callers.current(), id, capture));
    }
}
