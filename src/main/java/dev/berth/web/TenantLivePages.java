package dev.berth.web;

import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Streams;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

/** Server-sent events of a tenant: names of what changed, as {@code live.js} hears them. */
@Path("/t/{tenant}/live")
@Authenticated
@Blocking
public class TenantLivePages {
    private final Callers callers;
    private final Tenants tenants;
    private final Broadcaster broadcaster;

    TenantLivePages(Callers callers, Tenants tenants, Broadcaster broadcaster) {
        this.callers = callers;
        this.tenants = tenants;
        this.broadcaster = broadcaster;
    }

    /** @param once there when a page calls only to have been there: see {@link Streams#SEEN} */
    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public Multi<String> live(@PathParam("tenant") String slug, @QueryParam("once") String once) {
        Caller caller = callers.current();
        Tenant tenant = tenants.get(caller, slug);
        if (once != null) {
            return Multi.createFrom().item(Streams.BEAT);
        }
        return broadcaster.topics(
                callers.holder(),
                now -> now.sees(tenant.id()) && now.seesAll() == caller.seesAll(),
                id -> id.equals(tenant.id()) || id.equals(caller.userId()),
                caller.seesAll());
    }
}
