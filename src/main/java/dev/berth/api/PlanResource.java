package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Plan;
import dev.berth.tenancy.Plans;
import dev.berth.tenancy.QuotaSettings;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Plans that tenants follow, and what holds for all quotas. */
@Path(ApiPaths.V1)
@Tag(name = "Quotas")
public class PlanResource {
    /** A plan as the API shows it. */
    @Schema(name = "Plan")
    public record PlanView(
            @Schema(examples = "medium") String slug,
            String name,
            @Schema(examples = "{\"machines\":20,\"vcpus\":40}") Map<String, Long> limits,
            @Schema(description = "How many tenants follow it.") long followers) {
        static PlanView of(Plan plan) {
            Map<String, Long> limits = new TreeMap<>();
            Resource.WHOLE.forEach(resource -> limits.put(resource.key(), plan.limit(resource)));
            return new PlanView(plan.slug(), plan.name(), limits, plan.followers());
        }
    }

    /** What a plan shall be. */
    public record NewPlan(
            @Schema(required = true, examples = "Medium") String name,
            @Schema(
                            required = true,
                            examples = "{\"machines\":20,\"vcpus\":40,\"memory_mib\":81920,\"disk_gib\":800}",
                            description = "What is not named stays as it is, or 0 in a new plan.")
                    Map<String, Long> limits) {}

    /** Which plan a tenant follows. */
    public record Following(
            @Schema(examples = "medium", nullable = true, description = "Null for none: the limits become its own.")
                    String plan,
            @Schema(description = "Whether limits that were set for the tenant alone stay.") boolean keepOwn) {}

    /** What holds for all quotas. */
    @Schema(name = "QuotaSettings")
    public record Settings(
            @Schema(description = "Whether stopped machines hold no vCPUs and no memory.") boolean stoppedGiveBack) {}

    private final Callers callers;
    private final Plans plans;
    private final Tenants tenants;
    private final QuotaSettings settings;

    PlanResource(Callers callers, Plans plans, Tenants tenants, QuotaSettings settings) {
        this.callers = callers;
        this.plans = plans;
        this.tenants = tenants;
        this.settings = settings;
    }

    @GET
    @Path("/plans")
    @Operation(summary = "List plans", description = "For admins and auditors.")
    public Page<PlanView> list(@BeanParam Paging paging) {
        return paging.slice(
                plans.list(callers.current()).stream().map(PlanView::of).toList(), PlanView::slug);
    }

    @PUT
    @Path("/plans/{plan}")
    @Idempotent
    @Operation(
            summary = "Make or change a plan",
            description = "For admins. All tenants that follow it have the new limits at once.")
    public RestResponse<PlanView> save(@PathParam("plan") String slug, NewPlan wanted) {
        Caller caller = callers.current();
        NewPlan body = Answers.body(wanted);
        return RestResponse.ok(
                PlanView.of(plans.save(caller, slug, body.name(), TenantResource.limits(body.limits()))));
    }

    @DELETE
    @Path("/plans/{plan}")
    @Operation(summary = "Delete a plan", description = "For admins. One that nobody follows.")
    public void delete(@PathParam("plan") String slug) {
        plans.delete(callers.current(), slug);
    }

    @PUT
    @Path("/tenants/{tenant}/plan")
    @Idempotent
    @Operation(summary = "Have a tenant follow a plan", description = "For admins. What is in use stays.")
    public RestResponse<Following> follow(@PathParam("tenant") String slug, Following following) {
        Caller caller = callers.current();
        Tenant tenant = tenants.get(caller, slug);
        Following body = Answers.body(following);
        plans.follow(caller, tenant, Answers.text(body.plan()), body.keepOwn());
        return RestResponse.ok(body);
    }

    @GET
    @Path("/quota-settings")
    @Operation(summary = "Show what holds for all quotas", description = "For admins and auditors.")
    public Settings settings() {
        callers.current().requireSeesAll();
        return new Settings(settings.stoppedGiveBack());
    }

    @PUT
    @Path("/quota-settings")
    @Idempotent
    @Operation(
            summary = "Say what holds for all quotas",
            description = "For admins. Machines that are stopped follow at once.")
    public RestResponse<Settings> set(Settings wanted) {
        Settings body = Answers.body(wanted);
        settings.setStoppedGiveBack(callers.current(), body.stoppedGiveBack());
        return RestResponse.ok(body);
    }

    static Map<Resource, Long> shares(Map<String, Long> wanted) {
        Map<Resource, Long> shares = new java.util.EnumMap<>(Resource.class);
        (wanted == null ? Map.<String, Long>of() : wanted)
                .forEach((key, share) -> shares.put(
                        Resource.WHOLE.stream()
                                .filter(resource -> resource.key().equals(key))
                                .findFirst()
                                .orElseThrow(
                                        () -> ProblemException.invalid("shares", "There is no share of " + key + ".")),
                        share));
        return shares;
    }
}
