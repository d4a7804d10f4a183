package dev.berth.web;

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

/** A team's webhooks, for its owners and admins. */
@Path("/t/{tenant}/webhooks")
@Authenticated
public class TenantWebhookPages {
    private final Chrome chrome;
    private final WebhookViews views;

    TenantWebhookPages(Chrome chrome, WebhookViews views) {
        this.chrome = chrome;
        this.views = views;
    }

    @GET
    public Response list(@PathParam("tenant") String slug) {
        return views.list(chrome.enter(slug, "webhooks"));
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response create(@PathParam("tenant") String slug, MultivaluedMap<String, String> sent) {
        return views.create(chrome.enter(slug, "webhooks"), sent);
    }

    @GET
    @Path("{id}")
    public Response webhook(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, @QueryParam("cursor") String cursor) {
        return views.webhook(chrome.enter(slug, "webhooks"), id, cursor);
    }

    @POST
    @Path("{id}/test")
    public Response test(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        return views.test(chrome.enter(slug, "webhooks"), id);
    }

    @POST
    @Path("{id}/delete")
    public Response delete(@PathParam("tenant") String slug, @PathParam("id") UUID id) {
        return views.delete(chrome.enter(slug, "webhooks"), id);
    }

    @POST
    @Path("{id}/deliveries/{delivery}/retry")
    public Response retry(
            @PathParam("tenant") String slug, @PathParam("id") UUID id, @PathParam("delivery") UUID delivery) {
        return views.retry(chrome.enter(slug, "webhooks"), id, delivery);
    }
}
