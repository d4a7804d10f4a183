package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.security.TenantRole;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Member;
import dev.berth.tenancy.Members;
import dev.berth.tenancy.Tenants;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Who belongs to a tenant. */
@Path(ApiPaths.V1 + "/tenants/{tenant}/members")
@Tag(name = "Tenants")
public class MemberResource {
    /** A member as the API shows it. */
    @Schema(name = "Member")
    public record MemberView(@Schema(examples = "alice") String username, String displayName, TenantRole role) {
        static MemberView of(Member member) {
            return new MemberView(member.user().username(), member.user().displayName(), member.role());
        }
    }

    /** Somebody who is to belong to the tenant. */
    public record NewMember(
            @Schema(required = true, examples = "alice") String username,
            @Schema(description = "`MEMBER` without.", examples = "MEMBER") TenantRole role) {}

    /** What a member is to be. */
    public record NewRole(@Schema(required = true, examples = "OWNER") TenantRole role) {}

    private final Callers callers;
    private final Tenants tenants;
    private final Members members;

    MemberResource(Callers callers, Tenants tenants, Members members) {
        this.callers = callers;
        this.tenants = tenants;
        this.members = members;
    }

    @GET
    @Operation(summary = "List a tenant's members", description = "By user name; for everybody in the tenant.")
    public Page<MemberView> list(@PathParam("tenant") String tenant, @BeanParam Paging paging) {
        Caller caller = callers.current();
        return paging.slice(members.list(caller, tenants.get(caller, tenant)), member -> member.user()
                        .username())
                .map(MemberView::of);
    }

    @POST
    @Idempotent
    @APIResponse(responseCode = "201", description = "Belongs to it from now on.")
    @Operation(summary = "Add a member", description = "For the tenant's owners and admins.")
    public RestResponse<MemberView> add(@PathParam("tenant") String tenant, NewMember member) {
        Caller caller = callers.current();
        NewMember body = Answers.body(member);
        Member added = members.add(
                caller,
                tenants.get(caller, tenant),
                body.username(),
                body.role() == null ? TenantRole.MEMBER : body.role());
        return Answers.created("/tenants/" + tenant + "/members/" + added.user().username(), MemberView.of(added));
    }

    @PUT
    @Path("/{username}")
    @Idempotent
    @Operation(
            summary = "Change a member's role",
            description = "For the tenant's owners and admins. An owner can't take away the last owner.")
    public RestResponse<MemberView> setRole(
            @PathParam("tenant") String tenant, @PathParam("username") String username, NewRole role) {
        Caller caller = callers.current();
        TenantRole wanted = Answers.body(role).role();
        if (wanted == null) {
            throw ProblemException.invalid("role", "Use one of MEMBER, OWNER.");
        }
        return RestResponse.ok(MemberView.of(members.setRole(caller, tenants.get(caller, tenant), username, wanted)));
    }

    @DELETE
    @Path("/{username}")
    @Idempotent
    @APIResponse(responseCode = "204", description = "Sees nothing of the tenant any more. Its machines stay.")
    @Operation(
            summary = "Remove a member",
            description = "For the tenant's owners and admins. An owner can't remove the last owner.")
    public RestResponse<Void> remove(@PathParam("tenant") String tenant, @PathParam("username") String username) {
        Caller caller = callers.current();
        members.remove(caller, tenants.get(caller, tenant), username);
        return RestResponse.noContent();
    }
}
