package dev.berth.web;

import dev.berth.common.ProblemException;
import dev.berth.fleet.Host;
import dev.berth.fleet.HostState;
import dev.berth.fleet.Hosts;
import dev.berth.fleet.Load;
import dev.berth.machines.Machines;
import dev.berth.security.Caller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The hosts that machines run on, for admins. */
@Path("/admin/hosts")
@Authenticated
public class HostPages {
    /** A host and what its machines have been promised. */
    public record Item(Host host, Load load) {}

    @CheckedTemplate(basePath = "pages")
    static class Templates {
        static native TemplateInstance hosts(List<Item> items);
    }

    private final Chrome chrome;
    private final Hosts hosts;
    private final Machines machines;

    HostPages(Chrome chrome, Hosts hosts, Machines machines) {
        this.chrome = chrome;
        this.hosts = hosts;
        this.machines = machines;
    }

    @GET
    public Response list() {
        chrome.admin("hosts");
        Map<UUID, Load> loads = machines.loads();
        return Html.page(Templates.hosts(hosts.list().stream()
                .map(host -> new Item(host, loads.getOrDefault(host.id(), Load.NONE)))
                .toList()));
    }

    @POST
    @Path("{id}/state")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response setState(@PathParam("id") UUID id, @FormParam("state") String word) {
        Caller caller = chrome.admin("hosts");
        HostState state = Arrays.stream(HostState.values())
                .filter(one -> one.name().equals(word))
                .findFirst()
                .orElseThrow(() -> ProblemException.invalid("state", "Choose one of the buttons."));
        hosts.setState(caller, id, state);
        chrome.say(
                switch (state) {
                    case ACTIVE -> Flash.done("The host takes machines again.");
                    case DRAINING -> Flash.done("The host takes no new machines. Those on it go on.");
                    case MAINTENANCE -> Flash.done("The host is in maintenance: it takes no new machines.");
                });
        return Html.seeOther("/admin/hosts");
    }
}
