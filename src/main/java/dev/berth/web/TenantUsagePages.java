package dev.berth.web;

import io.quarkus.security.Authenticated;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;

/** What a team used, for its members. */
@Path("/t/{tenant}/usage")
@Authenticated
public class TenantUsagePages {
    private final Chrome chrome;
    private final UsageViews views;

    TenantUsagePages(Chrome chrome, UsageViews views) {
        this.chrome = chrome;
        this.views = views;
    }

    @GET
    public Response usage(@PathParam("tenant") String slug, @Context UriInfo uri) {
        return views.page(chrome.enter(slug, "usage"), uri);
    }

    @GET
    @Path("export.csv")
    public Response export(@PathParam("tenant") String slug, @Context UriInfo uri) {
        return views.csv(chrome.enter(slug, "usage"), uri);
    }
}
