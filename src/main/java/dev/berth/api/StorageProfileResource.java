package dev.berth.api;

import dev.berth.api.ProfileView.KindView;
import dev.berth.api.ProfileView.NewProfile;
import dev.berth.catalog.Profile;
import dev.berth.catalog.Profiles;
import dev.berth.catalog.StorageProfiles;
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

/** Storage profiles and the kinds they are of. */
@Path(ApiPaths.V1)
@Tag(name = "Catalogue")
public class StorageProfileResource {
    private final Callers callers;
    private final StorageProfiles profiles;

    StorageProfileResource(Callers callers, StorageProfiles profiles) {
        this.callers = callers;
        this.profiles = profiles;
    }

    @GET
    @Path("/storage-kinds")
    @Operation(summary = "List storage kinds", description = "Their words for people, and the settings they take.")
    public Page<KindView> kinds(@BeanParam Paging paging) {
        callers.current();
        return paging.slice(profiles.kinds(), Profiles.Kind::id).map(KindView::of);
    }

    @GET
    @Path("/storage-profiles")
    @Operation(summary = "List storage profiles")
    public Page<ProfileView> list(@BeanParam Paging paging) {
        Caller caller = callers.current();
        return paging.slice(profiles.list(), Profile::slug).map(profile -> ProfileView.of(caller, profile));
    }

    @GET
    @Path("/storage-profiles/{profile}")
    @Operation(summary = "Show a storage profile")
    public ProfileView get(@PathParam("profile") String slug) {
        return ProfileView.of(callers.current(), profiles.get(slug));
    }

    @POST
    @Path("/storage-profiles")
    @Idempotent
    @APIResponse(responseCode = "201", description = "Made.")
    @Operation(summary = "Make a storage profile", description = "For admins. Its kind and settings never change.")
    public RestResponse<ProfileView> create(NewProfile profile) {
        NewProfile body = Answers.body(profile);
        Caller caller = callers.current();
        Profile made = profiles.create(
                caller, body.slug(), body.name(), Answers.text(body.description()), body.kind(), body.settings());
        return Answers.created("/storage-profiles/" + made.slug(), ProfileView.of(caller, made));
    }

    @POST
    @Path("/storage-profiles/{profile}/retire")
    @Idempotent
    @Operation(
            summary = "Retire a storage profile",
            description = "For admins. No new machine may use it; those that do keep it.")
    public RestResponse<ProfileView> retire(@PathParam("profile") String slug) {
        Caller caller = callers.current();
        return RestResponse.ok(ProfileView.of(caller, profiles.retire(caller, slug)));
    }
}
