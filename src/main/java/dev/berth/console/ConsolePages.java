package dev.berth.console;

import dev.berth.common.ProblemException;
import dev.berth.machines.Machine;
import dev.berth.machines.Machines;
import dev.berth.tenancy.Callers;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.CacheControl;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The console's page, and tickets for it: the API's own take no cookie. */
@Path("/t/{tenant}/machines/{id}/console")
@Authenticated
@Blocking
public class ConsolePages {
    /** What the page shows. */
    public record View(Machine machine, String version) {
        public String machineUrl() {
            return "/t/" + machine.tenantSlug() + "/machines/" + machine.id();
        }

        public String url() {
            return machineUrl() + "/console";
        }
    }

    @CheckedTemplate(basePath = "pages")
    static class Pages {
        static native TemplateInstance console(View view);
    }

    private final Callers callers;
    private final Machines machines;
    private final ConsoleTickets tickets;
    private final ConsoleAssets assets;

    ConsolePages(Callers callers, Machines machines, ConsoleTickets tickets, ConsoleAssets assets) {
        this.callers = callers;
        this.machines = machines;
        this.tickets = tickets;
        this.assets = assets;
    }

    @GET
    @Operation(hidden = true)
    @Produces(MediaType.TEXT_HTML)
    public Response page(@PathParam("tenant") String tenant, @PathParam("id") UUID id) {
        View view = new View(find(tenant, id), assets.version());
        return unstored(Response.ok(Pages.console(view).render(), "text/html;charset=UTF-8"));
    }

    @POST
    @Path("ticket")
    @Operation(hidden = true)
    @Produces(MediaType.APPLICATION_JSON)
    public Response ticket(@PathParam("tenant") String tenant, @PathParam("id") UUID id) {
        try {
            find(tenant, id);
            return unstored(Response.status(201).entity(tickets.issue(callers.current(), id)));
        } catch (ProblemException e) {
            // The page's script reads it, so it is JSON, unlike other pages' errors. That a machine is off is no error
            // to a page that waits for it to start: browsers would log one for each look.
            int status =
                    e.kind() == ProblemException.Kind.CONFLICT ? 200 : e.kind().status();
            return unstored(Response.status(status)
                    .entity(Map.of("code", e.code(), "detail", e.getMessage()))
                    .type(MediaType.APPLICATION_JSON));
        }
    }

    private Machine find(String tenant, UUID id) {
        Machine machine = machines.get(callers.current(), id);
        if (!machine.tenantSlug().equals(tenant)) {
            throw ProblemException.notFound("machine");
        }
        return machine;
    }

    private static Response unstored(Response.ResponseBuilder response) {
        CacheControl none = new CacheControl();
        none.setNoStore(true);
        return response.cacheControl(none).build();
    }
}
