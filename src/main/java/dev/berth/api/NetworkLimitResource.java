package dev.berth.api;

import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.common.Page;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.QuotaLine;
import dev.berth.tenancy.Quotas;
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

/** How many addresses of a network a tenant may have. */
@Path(ApiPaths.V1 + "/network-profiles/{profile}/limits")
@Tag(name = "Catalogue")
public class NetworkLimitResource {
    /** One tenant's limit. */
    @Schema(name = "AddressLimit")
    public record LimitView(
            String tenant, long addresses, @Schema(description = "How many its machines' cards have.") long used) {}

    /** What the limit shall be. */
    public record NewAddressLimit(
            @Schema(description = "Null for no limit.", nullable = true, examples = "16") Long addresses) {}

    private final Callers callers;
    private final NetworkProfiles profiles;
    private final Quotas quotas;
    private final Tenants tenants;

    NetworkLimitResource(Callers callers, NetworkProfiles profiles, Quotas quotas, Tenants tenants) {
        this.callers = callers;
        this.profiles = profiles;
        this.quotas = quotas;
        this.tenants = tenants;
    }

    @GET
    @Operation(
            summary = "List tenants' limits on a network profile",
            description =
                    "For admins and auditors. A tenant that is not in it may have as many addresses as there are.")
    public Page<LimitView> list(@PathParam("profile") String slug, @BeanParam Paging paging) {
        Caller caller = callers.current();
        return paging.slice(
                quotas.limited(caller, line(profiles.get(caller, slug))).stream()
                        .map(limit -> new LimitView(limit.tenantSlug(), limit.limit(), limit.used()))
                        .toList(),
                LimitView::tenant);
    }

    @PUT
    @Path("/{tenant}")
    @Idempotent
    @Operation(
            summary = "Set a tenant's limit on a network profile",
            description = "For admins. One below what is used takes nothing away and grants nothing new.")
    public RestResponse<NewAddressLimit> set(
            @PathParam("profile") String slug, @PathParam("tenant") String tenant, NewAddressLimit limit) {
        Caller caller = callers.current();
        quotas.setLine(
                caller,
                tenants.get(caller, tenant),
                line(profiles.get(caller, slug)),
                Answers.body(limit).addresses());
        return RestResponse.ok(limit);
    }

    private static QuotaLine line(Profile network) {
        return QuotaLine.addresses(network.id(), network.slug());
    }
}
