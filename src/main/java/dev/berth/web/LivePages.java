package dev.berth.web;

import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** Server-sent events for pages outside a tenant. */
@Path("/live")
@Authenticated
@Blocking
public class LivePages {
    private final Callers callers;
    private final Broadcaster broadcaster;

    LivePages(Callers callers, Broadcaster broadcaster) {
        this.callers = callers;
        this.broadcaster = broadcaster;
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public Multi<String> live() {
        Caller caller = callers.current();
        return broadcaster.topics(caller.userId()::equals, caller.admin());
    }
}
