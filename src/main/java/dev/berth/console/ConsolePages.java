package dev.berth.console;

import dev.berth.common.ProblemException;
import dev.berth.machines.Machine;
import dev.berth.machines.Machines;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.CacheControl;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import java.util.List;
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

    /** Who is connected, for the machine's page. */
    public record PeopleView(List<Connected> people, String url) {}

    @CheckedTemplate(basePath = "pages", defaultName = CheckedTemplate.HYPHENATED_ELEMENT_NAME)
    static class Pages {
        static native TemplateInstance console(View view);

        static native TemplateInstance consolePeople(PeopleView view);
    }

    /** A hidden page asks this often who is connected; browsers slow down its own timers, but not this. */
    private static final Duration HIDDEN = Duration.ofSeconds(20);

    private final Callers callers;
    private final Machines machines;
    private final ConsoleTickets tickets;
    private final OpenConsoles open;
    private final ConsoleLive live;
    private final ConsoleAssets assets;

    ConsolePages(
            Callers callers,
            Machines machines,
            ConsoleTickets tickets,
            OpenConsoles open,
            ConsoleLive live,
            ConsoleAssets assets) {
        this.callers = callers;
        this.machines = machines;
        this.tickets = tickets;
        this.open = open;
        this.live = live;
        this.assets = assets;
    }

    @GET
    @Operation(hidden = true)
    @Produces(MediaType.TEXT_HTML)
    public Response page(@PathParam("tenant") String tenant, @PathParam("id") UUID id) {
        View view = new View(screen(tenant, id), assets.version());
        return unstored(Response.ok(Pages.console(view).render(), "text/html;charset=UTF-8"));
    }

    @POST
    @Path("ticket")
    @Operation(hidden = true)
    @Produces(MediaType.APPLICATION_JSON)
    public Response ticket(
            @PathParam("tenant") String tenant, @PathParam("id") UUID id, @QueryParam("mode") String mode) {
        try {
            find(tenant, id);
            return unstored(Response.status(201)
                    .entity(tickets.issue(callers.current(), callers.credential(), id, ConsoleMode.of(mode))));
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

    /** Who is connected: a part of the machine's page. */
    @GET
    @Path("people")
    @Operation(hidden = true)
    @Produces(MediaType.TEXT_HTML)
    public Response people(@PathParam("tenant") String tenant, @PathParam("id") UUID id) {
        Machine machine = find(tenant, id);
        List<Connected> people = OpenConsoles.shown(open.of(id), callers.current(), machine);
        PeopleView view = new PeopleView(people, new View(machine, "").url());
        return unstored(Response.ok(Pages.consolePeople(view).render(), "text/html;charset=UTF-8"));
    }

    /**
     * The same for the console's page, as it changes.
     *
     * @param hidden there when nobody looks at the page: it is answered once and holds no connection, of which browsers
     *     have few
     */
    @GET
    @Path("live")
    @Operation(hidden = true)
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public Multi<OutboundSseEvent> live(
            @PathParam("tenant") String tenant,
            @PathParam("id") UUID id,
            @QueryParam("hidden") String hidden,
            @Context Sse sse) {
        Machine machine = screen(tenant, id);
        if (hidden != null) {
            return Multi.createFrom()
                    .item(sse.newEventBuilder()
                            .data(live.now(callers.current(), machine))
                            .reconnectDelay(HIDDEN.toMillis())
                            .build());
        }
        return live.people(callers.holder(), callers.current(), machine)
                .map(people -> sse.newEventBuilder().data(people).build());
    }

    /** A machine whose screen the caller may see: auditors read, and a screen is more than that. */
    private Machine screen(String tenant, UUID id) {
        Machine machine = find(tenant, id);
        Caller caller = callers.current();
        if (!caller.admin() && !caller.tenants().containsKey(machine.tenantId())) {
            throw ProblemException.forbidden("Auditors see no screens: who sees one can type there.");
        }
        return machine;
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
