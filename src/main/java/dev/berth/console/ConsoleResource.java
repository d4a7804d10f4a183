package dev.berth.console;

import dev.berth.tenancy.Callers;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Console tickets for programs. */
@Path("/api/v1/machines/{id}/console")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Machines")
public class ConsoleResource {
    private final Callers callers;
    private final ConsoleTickets tickets;

    ConsoleResource(Callers callers, ConsoleTickets tickets) {
        this.callers = callers;
        this.tickets = tickets;
    }

    @POST
    @Operation(
            operationId = "openConsole",
            summary = "Ask for a ticket to the machine's console",
            description = "Open the returned address as a WebSocket within 30 seconds, with an Origin header that names"
                    + " the portal. It carries the VNC protocol (RFC 6143) in binary frames. A ticket works once."
                    + " Close codes: 4001 ticket expired or used, 4003 denied, 4004 machine off, 4010 host unreachable,"
                    + " 4011 server stopping, 4012 connection to the screen lost, 4013 to 4015 too many consoles (of this"
                    + " process, of this person, of this machine), 4016 taken over, 4017 sent what a console that only"
                    + " views does not understand.")
    @APIResponse(responseCode = "201", description = "The ticket")
    @APIResponse(responseCode = "404", description = "There is no such machine")
    @APIResponse(responseCode = "409", description = "The machine is off (code machine-off)")
    public RestResponse<Ticket> open(
            @PathParam("id") UUID id,
            @QueryParam("mode")
                    @Parameter(
                            description = "control (the usual), view (nothing that is sent is typed) or take-over (as"
                                    + " control, and everybody else's control ends)",
                            schema = @Schema(enumeration = {"control", "view", "take-over"}))
                    String mode) {
        return RestResponse.status(
                RestResponse.Status.CREATED,
                tickets.issue(callers.current(), callers.credential(), id, ConsoleMode.of(mode)));
    }
}
