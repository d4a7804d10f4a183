package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.QuotaUse;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Tenants and their quotas. */
@Path(ApiPaths.V1)
@Tag(name = "Tenants")
public class TenantResource {
    /** A tenant as the API shows it. */
    public record TenantView(@Schema(examples = "blue") String slug, String name) {
        static TenantView of(Tenant tenant) {
            return new TenantView(tenant.slug(), tenant.name());
        }
    }

    /**
     * A tenant's standing with one resource.
     *
     * @param pending the part of {@code used} that open requests hold
     */
    public record Quota(
            @Schema(examples = "memory_mib") String resource,
            @Schema(description = "The profile that the limit is about, or empty.", examples = "") String profile,
            String unit,
            long limit,
            long used,
            long pending,
            long free) {
        static Quota of(QuotaUse use) {
            return new Quota(
                    use.resource().key(),
                    use.line().profile(),
                    use.resource().unit(),
                    use.limit(),
                    use.used(),
                    use.pending(),
                    use.free());
        }
    }

    /** New limits by resource; those that are not named stay as they are. */
    public record Limits(
            @Schema(required = true, examples = "{\"machines\":20,\"vcpus\":32,\"memory_mib\":65536,\"disk_gib\":500}")
                    Map<String, Long> limits) {}

    /** A tenant to be. */
    public record NewTenant(
            @Schema(required = true, examples = "blue", description = "Lower-case letters, digits and hyphens.")
                    String slug,
            @Schema(required = true, examples = "Blue") String name,
            @Schema(
                            description = "Where its quota starts; what is not named starts at 0.",
                            examples = "{\"machines\":10,\"vcpus\":20,\"memory_mib\":40960,\"disk_gib\":400}")
                    Map<String, Long> limits) {}

    private final Callers callers;
    private final Tenants tenants;
    private final Quotas quotas;

    TenantResource(Callers callers, Tenants tenants, Quotas quotas) {
        this.callers = callers;
        this.tenants = tenants;
        this.quotas = quotas;
    }

    @GET
    @Path("/tenants")
    @Operation(summary = "List my tenants", description = "An admin sees all.")
    public Page<TenantView> list(@BeanParam Paging paging) {
        return paging.slice(tenants.list(callers.current()), Tenant::slug).map(TenantView::of);
    }

    @POST
    @Path("/tenants")
    @Idempotent
    @APIResponse(responseCode = "201", description = "Made; it has no members yet.")
    @Operation(summary = "Make a tenant", description = "For admins.")
    public RestResponse<TenantView> create(NewTenant tenant) {
        Caller caller = callers.current();
        NewTenant body = Answers.body(tenant);
        Tenant made = tenants.create(caller, body.slug(), body.name(), limits(body.limits()));
        return Answers.created("/tenants/" + made.slug(), TenantView.of(made));
    }

    @GET
    @Path("/tenants/{tenant}")
    @Operation(summary = "Show a tenant")
    public TenantView get(@PathParam("tenant") String slug) {
        return TenantView.of(tenants.get(callers.current(), slug));
    }

    @GET
    @Path("/tenants/{tenant}/quota")
    @Operation(summary = "Show a tenant's quota", description = "Limit and use of each resource.")
    public Page<Quota> quota(@PathParam("tenant") String slug) {
        return standing(tenants.get(callers.current(), slug));
    }

    @PUT
    @Path("/tenants/{tenant}/quota")
    @Idempotent
    @Operation(
            summary = "Set a tenant's limits",
            description = "For admins. A limit below what is used takes nothing away and grants nothing new.")
    public RestResponse<Page<Quota>> setLimits(@PathParam("tenant") String slug, Limits wanted) {
        Caller caller = callers.current();
        Tenant tenant = tenants.get(caller, slug);
        Map<Resource, Long> limits = limits(Answers.body(wanted).limits());
        if (limits.isEmpty()) {
            throw ProblemException.invalid("limits", "Name at least one of " + String.join(", ", keys()) + ".");
        }
        quotas.setLimits(caller, tenant, limits);
        return RestResponse.ok(standing(tenant));
    }

    private Page<Quota> standing(Tenant tenant) {
        List<Quota> all = quotas.usage(tenant.id()).stream().map(Quota::of).toList();
        return new Page<>(all, null);
    }

    static Map<Resource, Long> limits(Map<String, Long> wanted) {
        Map<String, Long> given = wanted == null ? Map.of() : wanted;
        Map<String, Resource> known = Resource.WHOLE.stream().collect(Collectors.toMap(Resource::key, r -> r));
        Map<String, String> problems = new HashMap<>();
        Map<Resource, Long> limits = new EnumMap<>(Resource.class);
        given.forEach((key, limit) -> {
            Resource resource = known.get(key);
            if (resource == null) {
                problems.put("limits", "There are limits for " + String.join(", ", keys()) + " only.");
            } else if (limit == null || limit < 0) {
                problems.put("limits." + key, "Choose a limit of 0 or more.");
            } else {
                limits.put(resource, limit);
            }
        });
        if (!problems.isEmpty()) {
            throw ProblemException.invalid(problems);
        }
        return limits;
    }

    private static List<String> keys() {
        return Resource.WHOLE.stream().map(Resource::key).toList();
    }
}
