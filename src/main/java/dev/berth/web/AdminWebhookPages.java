package dev.berth.web;

import dev.berth.tenancy.Tenant;
import io.quarkus.security.Authenticated;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import java.util.UUID;

/** The admins' own webhooks, which hear of everything. */
@Path("/admin/webhooks")
@Authenticated
public class AdminWebhookPages {
    private final Chrome chrome;
    private final WebhookViews views;

    AdminWebhookPages(Chrome chrome, WebhookViews views) {
        this.chrome = chrome;
        this.views = views;
    }

    @GET
    public Response list() {
        return views.list(admins());
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response create(MultivaluedMap<String, String> sent) {
        return views.create(admins(), sent);
    }

    @GET
    @Path("{id}")
    public Response webhook(@PathParam("id") UUID id, @QueryParam("cursor") String cursor) {
        return views.webhook(admins(), id, cursor);
    }

    @POST
    @Path("{id}/test")
    public Response test(@PathParam("id") UUID id) {
        return views.test(admins(), id);
    }

    @POST
    @Path("{id}/delete")
    public Response delete(@PathParam("id") UUID id) {
        return views.delete(admins(), id);
    }

    @POST
    @Path("{id}/deliveries/{delivery}/retry")
    public Response retry(@PathParam("id") UUID id, @PathParam("delivery") UUID delivery) {
        return views.retry(admins(), id, delivery);
    }

    /** They belong to no team. */
    private Tenant admins() {
        chrome.admin("webhooks-admin");
        return null;
    }
}
