package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.machines.Moves;
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

/** Moves of a machine's disks to other storage. */
@Path(ApiPaths.V1 + "/machines/{id}/moves")
@Tag(name = "Machines")
public class MoveResource {
    private static final String QUEUED = "Wanted from now on; a worker brings it about.";

    /** Which disk goes where. */
    public record NewMove(
            @Schema(required = true, description = "The disk's id.") UUID disk,
            @Schema(
                            required = true,
                            description = "A storage profile that the machine's template offers. The disk's own cuts a"
                                    + " disk off the image that it stands on, where its kind can.",
                            examples = "raw")
                    String storage) {}

    /** What is given up by going back. */
    public record Undo(
            @Schema(
                            description = "Agrees that what the machine wrote since it was started on the new disk is"
                                    + " lost.",
                            defaultValue = "false")
                    Boolean loseChanges) {}

    private final Callers callers;
    private final Moves moves;

    MoveResource(Callers callers, Moves moves) {
        this.callers = callers;
        this.moves = moves;
    }

    @GET
    @Operation(summary = "List the moves of a machine's disks", description = "Newest first.")
    public Page<MoveView> list(@PathParam("id") UUID id, @BeanParam Paging paging) {
        return paging.slice(
                moves.list(callers.current(), id).stream().map(MoveView::of).toList(),
                move -> move.id().toString());
    }

    @GET
    @Path("/{move}")
    @Operation(summary = "Show a move")
    public MoveView get(@PathParam("id") UUID id, @PathParam("move") UUID move) {
        return MoveView.of(moves.get(callers.current(), id, move));
    }

    @POST
    @Idempotent
    @APIResponse(responseCode = "202", description = QUEUED)
    @Operation(
            summary = "Move a disk to other storage",
            description =
                    "The machine has to be off, and can't start while the disk is copied. Both copies are compared"
                            + " before the new one is used. Both count in the quota until the move is confirmed or undone; after"
                            + " `keepUntil` it is confirmed by itself.")
    public RestResponse<MoveView> start(@PathParam("id") UUID id, NewMove move) {
        UUID disk = Answers.body(move).disk();
        if (disk == null) {
            throw ProblemException.invalid("disk", "Say which disk, by its id.");
        }
        return Answers.accepted(MoveView.of(moves.start(callers.current(), id, disk, Answers.text(move.storage()))));
    }

    @POST
    @Path("/{move}/confirm")
    @Idempotent
    @APIResponse(responseCode = "202", description = QUEUED)
    @Operation(summary = "Delete the old disk of a move", description = "There is no way back then.")
    public RestResponse<MoveView> confirm(@PathParam("id") UUID id, @PathParam("move") UUID move) {
        return Answers.accepted(MoveView.of(moves.confirm(callers.current(), id, move)));
    }

    @POST
    @Path("/{move}/undo")
    @Idempotent
    @APIResponse(responseCode = "202", description = QUEUED)
    @Operation(
            summary = "Undo a move",
            description = "Goes back to the old disk of a machine that is off, or stops a copy that is being made.")
    public RestResponse<MoveView> undo(@PathParam("id") UUID id, @PathParam("move") UUID move, Undo undo) {
        boolean lose = undo != null && Boolean.TRUE.equals(undo.loseChanges());
        return Answers.accepted(MoveView.of(moves.undo(callers.current(), id, move, lose)));
    }
}
