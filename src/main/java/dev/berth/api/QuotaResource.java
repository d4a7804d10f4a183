package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.requests.QuotaRequests;
import dev.berth.requests.Request;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Grants;
import dev.berth.tenancy.LedgerCheck;
import dev.berth.tenancy.Shares;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Members' shares, more of a quota, and the ledger's check. */
@Path(ApiPaths.V1)
@Tag(name = "Quotas")
public class QuotaResource {
    /** What members may hold. */
    @Schema(name = "Shares")
    public record SharesView(
            @Schema(
                            description = "What each member may hold; null for no limit beside the tenant's.",
                            examples = "{\"machines\":3,\"vcpus\":null}")
                    Map<String, Long> shares) {}

    /** What a member holds. */
    @Schema(name = "MemberStanding")
    public record StandingView(
            String username,
            String resource,
            long used,
            @Schema(description = "Said of this member alone.", nullable = true) Long share) {}

    /** What is asked for. */
    @Schema(name = "NewQuotaRequest")
    public record NewMore(
            @Schema(required = true, examples = "disk_gib") String resource,
            @Schema(description = "The profile's short name where the limit is about one.", examples = "")
                    String profile,
            @Schema(required = true, examples = "100") long more,
            @Schema(description = "Null for good.", nullable = true) Instant until,
            @Schema(required = true, examples = "The load test in May.") String reason) {}

    /** More of a limit until a date. */
    @Schema(name = "QuotaGrant")
    public record GrantView(
            UUID id, String resource, String profile, long amount, Instant until, String grantedBy, Instant grantedAt) {
        static GrantView of(Grants.Grant grant) {
            return new GrantView(
                    grant.id(),
                    grant.line().resource().key(),
                    grant.line().profile(),
                    grant.amount(),
                    grant.until(),
                    grant.grantedBy(),
                    grant.grantedAt());
        }
    }

    /** A difference between what is counted and what there is. */
    @Schema(name = "LedgerDifference")
    public record DifferenceView(
            String tenant, UUID tenantId, String key, String resource, String profile, String detail) {
        static DifferenceView of(LedgerCheck.Difference one) {
            return new DifferenceView(
                    one.tenantSlug(),
                    one.tenantId(),
                    one.key(),
                    one.line().resource().key(),
                    one.line().profile(),
                    one.words());
        }
    }

    /** Which difference is to be put right. */
    public record Repair(@Schema(required = true) UUID tenantId, @Schema(required = true) String key) {}

    private final Callers callers;
    private final Tenants tenants;
    private final Shares shares;
    private final Grants grants;
    private final QuotaRequests requests;
    private final LedgerCheck check;

    QuotaResource(
            Callers callers, Tenants tenants, Shares shares, Grants grants, QuotaRequests requests, LedgerCheck check) {
        this.callers = callers;
        this.tenants = tenants;
        this.shares = shares;
        this.grants = grants;
        this.requests = requests;
        this.check = check;
    }

    @GET
    @Path("/tenants/{tenant}/shares")
    @Operation(summary = "Show what one member may hold", description = "If nothing else is said of that member.")
    public SharesView shares(@PathParam("tenant") String slug) {
        return view(tenants.get(callers.current(), slug));
    }

    private SharesView view(Tenant tenant) {
        Map<String, Long> all = new TreeMap<>();
        shares.ofAll(tenant).forEach((resource, share) -> all.put(resource.key(), share));
        return new SharesView(all);
    }

    @PUT
    @Path("/tenants/{tenant}/shares")
    @Idempotent
    @Operation(
            summary = "Set what one member may hold",
            description =
                    "For the tenant's owners and admins. Resources that are not named stay as they are; what somebody"
                            + " holds already stays.")
    public RestResponse<SharesView> setShares(@PathParam("tenant") String slug, SharesView wanted) {
        Caller caller = callers.current();
        Tenant tenant = tenants.get(caller, slug);
        shares.setForAll(
                caller, tenant, PlanResource.shares(Answers.body(wanted).shares()));
        return RestResponse.ok(view(tenant));
    }

    @PUT
    @Path("/tenants/{tenant}/shares/{username}")
    @Idempotent
    @Operation(
            summary = "Set what this member may hold",
            description = "For the tenant's owners and admins. Null is what holds for all members.")
    public RestResponse<SharesView> setShare(
            @PathParam("tenant") String slug, @PathParam("username") String username, SharesView wanted) {
        Caller caller = callers.current();
        shares.set(
                caller,
                tenants.get(caller, slug),
                username,
                PlanResource.shares(Answers.body(wanted).shares()));
        return RestResponse.ok(wanted);
    }

    @GET
    @Path("/tenants/{tenant}/quota/members")
    @Operation(summary = "List what members hold")
    public Page<StandingView> members(@PathParam("tenant") String slug, @BeanParam Paging paging) {
        Caller caller = callers.current();
        return paging.slice(
                shares.standing(caller, tenants.get(caller, slug)).stream()
                        .map(one -> new StandingView(
                                one.user().username(), one.resource().key(), one.used(), one.share()))
                        .toList(),
                one -> one.username() + "/" + one.resource());
    }

    @POST
    @Path("/tenants/{tenant}/quota/requests")
    @Idempotent
    @APIResponse(responseCode = "201", description = "Waits for an admin's yes.")
    @Operation(summary = "Ask for a higher limit", description = "For good, or until a date.")
    public RestResponse<RequestView> ask(@PathParam("tenant") String slug, NewMore more) {
        NewMore body = Answers.body(more);
        Request request = requests.create(
                callers.current(),
                slug,
                new QuotaRequests.More(
                        Answers.text(body.resource()),
                        Answers.text(body.profile()),
                        body.more(),
                        body.until(),
                        Answers.text(body.reason())),
                null);
        return Answers.created("/requests/" + request.id(), RequestView.of(request));
    }

    @GET
    @Path("/tenants/{tenant}/quota/grants")
    @Operation(
            summary = "List what was granted until a date",
            description = "What has not ended; the first to end first.")
    public Page<GrantView> grants(@PathParam("tenant") String slug, @BeanParam Paging paging) {
        return paging.slice(
                grants.list(tenants.get(callers.current(), slug).id()).stream()
                        .map(GrantView::of)
                        .toList(),
                grant -> grant.until() + "/" + grant.id());
    }

    @GET
    @Path("/ledger")
    @Operation(
            summary = "Check the quota ledger",
            description =
                    "For admins and auditors. What is counted against the ledger, and the ledger against what there is.")
    public Page<DifferenceView> differences(@BeanParam Paging paging) {
        return paging.slice(
                check.differences(callers.current()).stream()
                        .map(DifferenceView::of)
                        .toList(),
                DifferenceView::key);
    }

    @POST
    @Path("/ledger/repair")
    @Idempotent
    @APIResponse(responseCode = "200", description = "The ledger follows what there is.")
    @APIResponse(responseCode = "409", description = "The difference is no longer there.")
    @Operation(summary = "Repair a difference", description = "For admins.")
    public RestResponse<DifferenceView> repair(Repair repair) {
        Repair body = Answers.body(repair);
        return RestResponse.ok(
                DifferenceView.of(check.repair(callers.current(), body.tenantId(), Answers.text(body.key()))));
    }
}
