package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.hypervisor.ForwardSpec.Protocol;
import dev.berth.machines.Forward;
import dev.berth.machines.Forwards;
import dev.berth.tenancy.Callers;
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

/** A machine's open ports: ports of its host that lead to its own, on networks that translate addresses. */
@Path(ApiPaths.V1 + "/machines/{id}/forwards")
@Tag(name = "Machines")
public class ForwardResource {
    /** A port to open. */
    public record Opening(
            @Schema(description = "TCP without.", examples = "TCP") String protocol,
            @Schema(description = "The machine's port.", required = true, examples = "22") Integer guestPort,
            @Schema(
                            description = "The host's port, from the network's range; the next free one without.",
                            nullable = true,
                            examples = "20001")
                    Integer hostPort,
            @Schema(examples = "SSH for the build farm") String description) {}

    private final Callers callers;
    private final Forwards forwards;

    ForwardResource(Callers callers, Forwards forwards) {
        this.callers = callers;
        this.forwards = forwards;
    }

    @GET
    @Operation(summary = "List a machine's open ports", description = "By the host's port.")
    public Page<ForwardView> list(@PathParam("id") UUID id) {
        return new Page<>(
                forwards.list(callers.current(), id).stream()
                        .map(ForwardView::of)
                        .toList(),
                null);
    }

    @GET
    @Path("{forwardId}")
    @Operation(summary = "Show an open port")
    public ForwardView get(@PathParam("id") UUID id, @PathParam("forwardId") UUID forwardId) {
        return ForwardView.of(forwards.get(callers.current(), id, forwardId));
    }

    @POST
    @Idempotent
    @APIResponse(responseCode = "201", description = "Opened; connections get in as soon as the state is `OPEN`.")
    @Operation(
            summary = "Open a port",
            description = "Connections to `hostAddress:hostPort` lead to the machine's port from then on. It counts in"
                    + " the quota for forwards until it is closed.")
    public RestResponse<ForwardView> open(@PathParam("id") UUID id, Opening opening) {
        Opening wish = Answers.body(opening);
        Protocol protocol = Answers.word(Protocol.class, "protocol", wish.protocol());
        Forward forward = forwards.open(
                callers.current(),
                id,
                new Forwards.Wish(
                        protocol == null ? Protocol.TCP : protocol,
                        wish.guestPort() == null ? 0 : wish.guestPort(),
                        wish.hostPort(),
                        Answers.text(wish.description())));
        return Answers.created("/machines/" + id + "/forwards/" + forward.id(), ForwardView.of(forward));
    }

    @DELETE
    @Path("{forwardId}")
    @Idempotent
    @APIResponse(responseCode = "204", description = "Closed; connections through it end.")
    @Operation(summary = "Close a port")
    public RestResponse<Void> close(@PathParam("id") UUID id, @PathParam("forwardId") UUID forwardId) {
        forwards.close(callers.current(), id, forwardId);
        return RestResponse.noContent();
    }
}
