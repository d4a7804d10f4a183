package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.machines.Cards;
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

/** A machine's network cards. */
@Path(ApiPaths.V1 + "/machines/{id}/nics")
@Tag(name = "Machines")
public class NicResource {
    /** Which network the card shall be on. */
    public record NewNic(
            @Schema(required = true, description = "One that the machine's template offers.", examples = "nat")
                    String network) {}

    private final Callers callers;
    private final Cards cards;

    NicResource(Callers callers, Cards cards) {
        this.callers = callers;
        this.cards = cards;
    }

    @GET
    @Operation(summary = "List a machine's network cards", description = "In their order.")
    public Page<NicView> list(@PathParam("id") UUID id, @BeanParam Paging paging) {
        return paging.slice(
                cards.list(callers.current(), id).stream().map(NicView::of).toList(),
                nic -> nic.id().toString());
    }

    @POST
    @Idempotent
    @APIResponse(responseCode = "202", description = "The card has its addresses; a worker plugs it in.")
    @Operation(
            summary = "Add a network card",
            description = "Live where the guest allows it, else at the next start; `state` and `note` say which.")
    public RestResponse<NicView> add(@PathParam("id") UUID id, NewNic nic) {
        String network = Answers.text(Answers.body(nic).network());
        return Answers.accepted(NicView.of(cards.add(callers.current(), id, network, UUID.randomUUID())));
    }

    @DELETE
    @Path("/{nic}")
    @Idempotent
    @APIResponse(responseCode = "202", description = "Wanted from now on; the guest has to let go of it.")
    @Operation(
            summary = "Remove a network card",
            description = "With the ports that lead to it. If the running guest keeps it, it goes when the machine next"
                    + " stops. Its MAC address rests before another card may get it.")
    public RestResponse<NicView> remove(@PathParam("id") UUID id, @PathParam("nic") UUID nic) {
        return Answers.accepted(NicView.of(cards.remove(callers.current(), id, nic)));
    }
}
