package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.machines.Shares;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
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

/** The directories that a machine shares. */
@Path(ApiPaths.V1 + "/machines/{id}/shares")
@Tag(name = "Disks")
public class ShareResource {
    /** Which directory shall be shared. */
    public record NewShare(
            @Schema(
                            required = true,
                            description = "A storage profile of the kind `share` that the machine's template offers.",
                            examples = "tools")
                    String storage) {}

    private final Callers callers;
    private final Shares shares;

    ShareResource(Callers callers, Shares shares) {
        this.callers = callers;
        this.shares = shares;
    }

    @GET
    @Operation(summary = "List the directories that a machine shares", description = "By name.")
    public Page<ShareView> list(@PathParam("id") UUID id, @BeanParam Paging paging) {
        return paging.slice(
                shares.list(callers.current(), id).stream().map(ShareView::of).toList(),
                share -> share.id().toString());
    }

    @POST
    @Idempotent
    @APIResponse(responseCode = "202", description = "Wanted from now on; `state` and `note` say how far.")
    @Operation(
            summary = "Share a directory with a machine",
            description =
                    "It gets it when it is next powered off and started; its guest is then told to mount it. Takes"
                            + " nothing of the quota.")
    public RestResponse<ShareView> add(@PathParam("id") UUID id, NewShare share) {
        String storage = Answers.text(Answers.body(share).storage());
        return Answers.accepted(ShareView.of(shares.add(callers.current(), id, storage)));
    }

    @DELETE
    @Path("/{share}")
    @Idempotent
    @APIResponse(responseCode = "202", description = "Wanted from now on; a running machine keeps it until it stops.")
    @Operation(
            summary = "Share a directory no longer",
            description = "What is in it stays on the host. A running machine keeps it until it is next powered off.")
    public RestResponse<ShareView> remove(@PathParam("id") UUID id, @PathParam("share") UUID share) {
        return Answers.accepted(ShareView.of(shares.remove(callers.current(), id, share)));
    }
}
