package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.security.Caller;
import dev.berth.security.TenantRole;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Invitation;
import dev.berth.tenancy.Invitations;
import dev.berth.tenancy.Member;
import dev.berth.tenancy.Tenants;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Who is to belong to a tenant once they sign in at the identity provider. */
@Path(ApiPaths.V1 + "/tenants/{tenant}/invitations")
@Tag(name = "Tenants")
public class InvitationResource {
    /** An invitation as the API shows it. */
    @Schema(name = "Invitation")
    public record InvitationView(
            @Schema(description = "Null where nobody has to be waited for.") UUID id,
            @Schema(examples = "dora@example.org") String email,
            TenantRole role,
            @Schema(description = "Who is a member already by it: a user name, or null.") String member,
            String invitedBy,
            Instant createdAt,
            Instant expiresAt) {
        static InvitationView of(Invitation invitation) {
            return new InvitationView(
                    invitation.id(),
                    invitation.email(),
                    invitation.role(),
                    null,
                    invitation.invitedBy(),
                    invitation.createdAt(),
                    invitation.expiresAt());
        }

        static InvitationView of(Member member, String by) {
            return new InvitationView(
                    null, member.user().email(), member.role(), member.user().username(), by, null, null);
        }
    }

    /** Somebody to invite. */
    public record NewInvitation(
            @Schema(required = true, examples = "dora@example.org") String email,
            @Schema(description = "`MEMBER` without.", examples = "MEMBER") TenantRole role) {}

    private final Callers callers;
    private final Tenants tenants;
    private final Invitations invitations;

    InvitationResource(Callers callers, Tenants tenants, Invitations invitations) {
        this.callers = callers;
        this.tenants = tenants;
        this.invitations = invitations;
    }

    @GET
    @Operation(summary = "List a tenant's invitations", description = "By address; for its owners and admins.")
    public Page<InvitationView> list(@PathParam("tenant") String tenant, @BeanParam Paging paging) {
        Caller caller = callers.current();
        return paging.slice(invitations.list(caller, tenants.get(caller, tenant)), Invitation::email)
                .map(InvitationView::of);
    }

    @POST
    @Idempotent
    @APIResponse(responseCode = "201", description = "Invited; or a member at once, if they were here before.")
    @Operation(
            summary = "Invite somebody",
            description = "For the tenant's owners and admins, where people come from an identity provider.")
    public RestResponse<InvitationView> invite(@PathParam("tenant") String tenant, NewInvitation invitation) {
        Caller caller = callers.current();
        NewInvitation body = Answers.body(invitation);
        Invitations.Invited invited = invitations.invite(
                caller,
                tenants.get(caller, tenant),
                body.email(),
                body.role() == null ? TenantRole.MEMBER : body.role());
        return invited.invitation()
                .map(open ->
                        Answers.created("/tenants/" + tenant + "/invitations/" + open.id(), InvitationView.of(open)))
                .orElseGet(() -> {
                    Member member = invited.member().orElseThrow();
                    return Answers.created(
                            "/tenants/" + tenant + "/members/" + member.user().username(),
                            InvitationView.of(member, caller.username()));
                });
    }

    @DELETE
    @Path("/{id}")
    @Idempotent
    @APIResponse(responseCode = "204", description = "Worth nothing any more.")
    @Operation(summary = "Withdraw an invitation", description = "For the tenant's owners and admins.")
    public RestResponse<Void> withdraw(@PathParam("tenant") String tenant, @PathParam("id") UUID id) {
        Caller caller = callers.current();
        invitations.withdraw(caller, tenants.get(caller, tenant), id);
        return RestResponse.noContent();
    }
}
