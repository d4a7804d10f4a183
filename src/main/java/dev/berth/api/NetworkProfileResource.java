package dev.berth.api;

import dev.berth.api.ProfileView.ChangedProfile;
import dev.berth.api.ProfileView.CheckView;
import dev.berth.api.ProfileView.KindView;
import dev.berth.api.ProfileView.NewProfile;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.common.Page;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Tenants;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
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
    private final ProfileAnswers answers;

    NetworkProfileResource(Callers callers, NetworkProfiles profiles, Tenants tenants) {
        this.answers = new ProfileAnswers("/network-profiles", callers, profiles, tenants);
    }

    @GET
    @Path("/network-kinds")
    @Operation(
            summary = "List network kinds",
            description = "From the simplest on: their words for people, and the settings they take.")
    public Page<KindView> kinds(@BeanParam Paging paging) {
        return answers.kinds(paging);
    }

    @GET
    @Path("/network-profiles")
    @Operation(
            summary = "List network profiles",
            description = "Those that your tenants may use; an admin sees all, with their settings and hosts.")
    public Page<ProfileView> list(@BeanParam Paging paging) {
        return answers.list(paging);
    }

    @GET
    @Path("/network-profiles/{profile}")
    @Operation(summary = "Show a network profile")
    public ProfileView get(@PathParam("profile") String slug) {
        return answers.get(slug);
    }

    @POST
    @Path("/network-profiles")
    @Idempotent
    @APIResponse(responseCode = "201", description = "Made.")
    @Operation(summary = "Make a network profile", description = "For admins. Its short name and kind never change.")
    public RestResponse<ProfileView> create(NewProfile profile) {
        return answers.create(profile);
    }

    @PUT
    @Path("/network-profiles/{profile}")
    @Idempotent
    @Operation(
            summary = "Change a network profile",
            description = "For admins. Machines that use it keep it, whatever happens to its tenants.")
    public RestResponse<ProfileView> update(@PathParam("profile") String slug, ChangedProfile change) {
        return answers.update(slug, change);
    }

    @POST
    @Path("/network-profiles/{profile}/retire")
    @Idempotent
    @Operation(
            summary = "Retire a network profile",
            description = "For admins. No new machine may use it; those that do keep it.")
    public RestResponse<ProfileView> retire(@PathParam("profile") String slug) {
        return answers.retire(slug);
    }

    @POST
    @Path("/network-profiles/{profile}/restore")
    @Idempotent
    @Operation(summary = "Offer a retired network profile again", description = "For admins.")
    public RestResponse<ProfileView> restore(@PathParam("profile") String slug) {
        return answers.restore(slug);
    }

    @POST
    @Path("/network-profiles/{profile}/check")
    @Idempotent
    @APIResponse(responseCode = "202", description = "The hosts are asked; their checks follow.")
    @Operation(summary = "Have hosts look whether they can offer it", description = "For admins.")
    public RestResponse<ProfileView> check(@PathParam("profile") String slug) {
        return answers.check(slug);
    }

    @GET
    @Path("/network-profiles/{profile}/checks")
    @Operation(
            summary = "What each host says of it",
            description = "For admins and auditors. A host that has not looked yet is not in it.")
    public Page<CheckView> checks(@PathParam("profile") String slug, @BeanParam Paging paging) {
        return answers.checks(slug, paging);
    }
}
