package dev.berth.web;

import dev.berth.catalog.NetworkProfiles;
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

/** Network profiles, for admins. */
@Path("/admin/networks")
@Authenticated
public class NetworkProfilePages extends ProfilePages {
    private static final Family FAMILY = new Family(
            "networks",
            "networks-admin",
            "network profile",
            "Network profiles",
            "A network profile is a named use of one kind of network. Templates say which profiles their machines may use.");

    NetworkProfilePages(Chrome chrome, NetworkProfiles profiles) {
        super(FAMILY, chrome, profiles);
    }

    @GET
    public Response list(@QueryParam("kind") String kind) {
        return page(kind, Form.empty());
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response create(MultivaluedMap<String, String> sent) {
        return create(Form.of(sent));
    }

    @Override
    @POST
    @Path("{slug}/retire")
    public Response retire(@PathParam("slug") String slug) {
        return super.retire(slug);
    }
}
