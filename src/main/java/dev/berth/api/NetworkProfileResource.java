package dev.berth.api;

import dev.berth.api.ProfileView.KindView;
import dev.berth.api.ProfileView.NewProfile;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Profiles;
import dev.berth.common.Page;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Network profiles and the kinds they are of. */
@Path(ApiPaths.V1)
@Tag(name = "Catalogue")
public class NetworkProfileResource {
    private final Callers callers;
    private final NetworkProfiles profiles;

    NetworkProfileResource(Callers callers, NetworkProfiles profiles) {
        this.callers = callers;
        this.profiles = profiles;
    }

    @GET
    @Path("/network-kinds")
    @Operation(summary = "List network kinds", description = "Their words for people, and the settings they take.")
    public Page<KindView> kinds(@BeanParam Paging paging) {
        callers.current();
        return paging.slice(profiles.kinds(), Profiles.Kind::id).map(KindView::of);
    }

    @GET
    @Path("/network-profiles")
    @Operation(summary = "List network profiles")
    public Page<ProfileView> list(@BeanParam Paging paging) {
        Caller caller = callers.current();
        return paging.slice(profiles.list(), Profile::slug).map(profile -> ProfileView.of(caller, profile));
    }

    @GET
    @Path("/network-profiles/{profile}")
    @Operation(summary = "Show a network profile")
    public ProfileView get(@PathParam("profile") String slug) {
        return ProfileView.of(callers.current(), profiles.get(slug));
    }

    @POST
    @Path("/network-profiles")
    @Idempotent
    @APIResponse(responseCode = "201", description = "Made.")
    @Operation(summary = "Make a network profile", description = "For admins. Its kind and settings never change.")
    public RestResponse<ProfileView> create(NewProfile profile) {
        NewProfile body = Answers.body(profile);
        Caller caller = callers.current();
        Profile made = profiles.create(
                caller, body.slug(), body.name(), Answers.text(body.description()), body.kind(), body.settings());
        return Answers.created("/network-profiles/" + made.slug(), ProfileView.of(caller, made));
    }

    @POST
    @Path("/network-profiles/{profile}/retire")
    @Idempotent
    @Operation(
            summary = "Retire a network profile",
            description = "For admins. No new machine may use it; those that do keep it.")
    public RestResponse<ProfileView> retire(@PathParam("profile") String slug) {
        Caller caller = callers.current();
        return RestResponse.ok(ProfileView.of(caller, profiles.retire(caller, slug)));
    }
}
