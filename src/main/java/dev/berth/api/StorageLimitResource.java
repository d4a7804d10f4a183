package dev.berth.api;

import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.Page;
import dev.berth.machines.StorageLimits;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Tenants;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** How much of a storage profile a tenant's disks may take. */
@Path(ApiPaths.V1 + "/storage-profiles/{profile}/limits")
@Tag(name = "Catalogue")
public class StorageLimitResource {
    /** One tenant's limit. */
    @Schema(name = "StorageLimit")
    public record LimitView(
            String tenant,
            @Schema(description = "In GiB.") long gib,
            @Schema(description = "In GiB, what the tenant's disks have in all.") long used) {}

    /** What the limit shall be. */
    public record NewLimit(
            @Schema(description = "In GiB; null for no limit beside the quota.", nullable = true, examples = "500")
                    Long gib) {}

    private final Callers callers;
    private final StorageProfiles profiles;
    private final StorageLimits limits;
    private final Tenants tenants;

    StorageLimitResource(Callers callers, StorageProfiles profiles, StorageLimits limits, Tenants tenants) {
        this.callers = callers;
        this.profiles = profiles;
        this.limits = limits;
        this.tenants = tenants;
    }

    @GET
    @Operation(
            summary = "List tenants' limits on a storage profile",
            description = "For admins and auditors. A tenant that is not in it has no limit beside its quota.")
    public Page<LimitView> list(@PathParam("profile") String slug, @BeanParam Paging paging) {
        Caller caller = callers.current();
        return paging.slice(
                limits.list(caller, profiles.get(caller, slug)).stream()
                        .map(limit -> new LimitView(limit.tenantSlug(), limit.limit(), limit.used()))
                        .toList(),
                LimitView::tenant);
    }

    @PUT
    @Path("/{tenant}")
    @Idempotent
    @Operation(
            summary = "Set a tenant's limit on a storage profile",
            description = "For admins. One below what is used takes nothing away and grants nothing new.")
    public RestResponse<NewLimit> set(
            @PathParam("profile") String slug, @PathParam("tenant") String tenant, NewLimit limit) {
        Caller caller = callers.current();
        Profile profile = profiles.get(caller, slug);
        Long gib = Answers.body(limit).gib();
        limits.set(caller, profile, tenants.get(caller, tenant), gib);
        return RestResponse.ok(new NewLimit(gib));
    }
}
