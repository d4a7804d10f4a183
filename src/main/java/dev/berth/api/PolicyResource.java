package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.requests.Ask;
import dev.berth.requests.Deciders;
import dev.berth.requests.MachineRequests;
import dev.berth.requests.Policies;
import dev.berth.requests.PolicyLimits;
import dev.berth.requests.PolicyRule;
import dev.berth.requests.Request;
import dev.berth.requests.Verdict;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Who has to say yes to what. */
@Path(ApiPaths.V1 + "/policies")
@Tag(name = "Requests")
public class PolicyResource {
    /** A rule. */
    @Schema(name = "Policy")
    public record PolicyView(
            UUID id,
            @Schema(description = "What is asked for.") Request.Kind kind,
            @Schema(description = "The template that it is for; empty for any.") String template,
            @Schema(description = "The tenant that it is for; empty for any.") String tenant,
            @Schema(
                            description = "Up to where nobody's yes is needed; null when somebody's always is.",
                            nullable = true)
                    PolicyLimits byItself,
            @Schema(description = "Up to where an owner's yes is enough; null when it never is.", nullable = true)
                    PolicyLimits byOwner,
            @Schema(description = "Who decides beyond: `ADMIN`, or `BOTH` an owner and an admin.") Deciders above,
            String note,
            @Schema(description = "The rule in words.") String words,
            String changedBy,
            Instant changedAt) {
        static PolicyView of(PolicyRule rule) {
            return new PolicyView(
                    rule.id(),
                    rule.kind(),
                    rule.template(),
                    rule.tenant(),
                    rule.byItself(),
                    rule.byOwner(),
                    rule.above(),
                    rule.note(),
                    rule.words(),
                    rule.changedBy(),
                    rule.changedAt());
        }
    }

    /** A rule as it shall be. */
    public record NewPolicy(
            @Schema(required = true, examples = "MACHINE") Request.Kind kind,
            @Schema(description = "Empty for any.", examples = "debian-12") String template,
            @Schema(description = "Empty for any.", examples = "blue") String tenant,
            @Schema(description = "Left out: somebody's yes is always needed.", nullable = true) PolicyLimits byItself,
            @Schema(description = "Left out: an owner's yes is never enough.", nullable = true) PolicyLimits byOwner,
            @Schema(description = "`ADMIN` unless it says `BOTH`.", examples = "ADMIN") Deciders above,
            @Schema(description = "For other admins.") String note) {}

    /** What would come of an ask. */
    @Schema(name = "Verdict")
    public record VerdictView(
            @Schema(description = "Nobody's yes is needed.") boolean passes,
            @Schema(description = "Whose yes is needed; null when it passes.", nullable = true) Deciders needs,
            @Schema(description = "What goes beyond the policy.") List<String> why,
            @Schema(description = "The rule that says so, in words.") String rule,
            @Schema(description = "What the requester would read.") String words) {}

    private final Callers callers;
    private final Policies policies;
    private final MachineRequests requests;
    private final Tenants tenants;

    PolicyResource(Callers callers, Policies policies, MachineRequests requests, Tenants tenants) {
        this.callers = callers;
        this.policies = policies;
        this.requests = requests;
        this.tenants = tenants;
    }

    @GET
    @Operation(
            summary = "List policies",
            description =
                    "For admins and auditors. Of those for a kind the most specific one that fits decides alone: for this template"
                            + " and tenant, for this template, for this tenant, for all. Where none fits, the template's own"
                            + " policy does.")
    public Page<PolicyView> list(@BeanParam Paging paging) {
        return paging.slice(policies.list(callers.current()), rule -> rule.id().toString())
                .map(PolicyView::of);
    }

    @PUT
    @Idempotent
    @Operation(
            summary = "Set a policy",
            description = "For admins. Makes the rule for this kind, template and tenant, or replaces the one that is"
                    + " there. Holds for requests from now on.")
    public RestResponse<PolicyView> set(NewPolicy policy) {
        NewPolicy body = Answers.body(policy);
        return RestResponse.ok(PolicyView.of(policies.set(
                callers.current(),
                new Policies.Draft(
                        body.kind(),
                        Answers.text(body.template()),
                        Answers.text(body.tenant()),
                        body.byItself(),
                        body.byOwner(),
                        body.above() == null ? Deciders.ADMIN : body.above(),
                        Answers.text(body.note())))));
    }

    @DELETE
    @Path("/{id}")
    @Idempotent
    @APIResponse(responseCode = "204", description = "Gone; the next less specific one holds.")
    @Operation(summary = "Delete a policy", description = "For admins.")
    public RestResponse<Void> delete(@PathParam("id") UUID id) {
        policies.delete(callers.current(), id);
        return RestResponse.noContent();
    }

    @GET
    @Path("/try-out")
    @Operation(
            summary = "Try out who would have to approve a machine",
            description = "For admins and auditors. Sends nothing and takes nothing; quota and room are not looked at.")
    public VerdictView tryOut(
            @QueryParam("tenant") String tenant,
            @Parameter(description = "Who would ask: a user name.") @QueryParam("requester") String requester,
            @QueryParam("template") String template,
            @QueryParam("size") String size,
            @QueryParam("network") String network,
            @QueryParam("storage") String storage,
            @QueryParam("leaseHours") Integer leaseHours) {
        Caller caller = callers.current();
        caller.requireSeesAll();
        if (requester == null || requester.isEmpty()) {
            throw ProblemException.invalid("requester", "Say who would ask.");
        }
        Tenant team = tenants.get(caller, Answers.text(tenant));
        Ask ask = new Ask(
                Answers.text(template),
                Answers.text(size),
                "",
                Answers.text(network),
                Answers.text(storage),
                List.of(),
                "",
                leaseHours == null ? 0 : leaseHours,
                "");
        Verdict verdict = requests.tryOut(caller, team, tenants.caller(requester, ""), ask);
        return new VerdictView(
                verdict.passes(),
                verdict.passes() ? null : verdict.needs(),
                verdict.why(),
                verdict.rule(),
                verdict.words(policies.owners(team)));
    }
}
