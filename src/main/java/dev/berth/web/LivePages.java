package dev.berth.web;

import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Streams;
import io.quarkus.security.Authenticated;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
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

    /** @param once there when a page calls only to have been there: see {@link Streams#SEEN} */
    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public Multi<String> live(@QueryParam("once") String once) {
        Caller caller = callers.current();
        if (once != null) {
            return Multi.createFrom().item(Streams.BEAT);
        }
        return broadcaster.topics(
                callers.holder(), now -> now.seesAll() == caller.seesAll(), caller.userId()::equals, caller.seesAll());
    }
}
