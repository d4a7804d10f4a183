package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.security.User;
import dev.berth.tenancy.Accounts;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Berth's own accounts; for admins. */
@Path(ApiPaths.V1 + "/users")
@Tag(name = "People")
public class UserResource {
    /** An account as the API shows it. */
    @Schema(name = "User")
    public record UserView(
            UUID id,
            @Schema(examples = "dora") String username,
            String displayName,
            boolean admin,
            @Schema(description = "Reads all that an admin reads.") boolean auditor,
            @Schema(description = "Can't sign in for now.") boolean disabled,
            @Schema(description = "Where mail goes; empty for nowhere.") String email,
            @Schema(description = "No mail goes there before its reader has confirmed it.") boolean emailConfirmed) {
        static UserView of(User user) {
            return new UserView(
                    user.id(),
                    user.username(),
                    user.displayName(),
                    user.admin(),
                    user.auditor(),
                    user.disabled(),
                    user.email(),
                    user.emailConfirmed());
        }
    }

    /** Somebody who is to have an account. */
    public record NewUser(
            @Schema(required = true, examples = "dora") String username,
            @Schema(required = true, examples = "Dora Dale") String displayName,
            @Schema(description = "`false` without.") Boolean admin,
            @Schema(description = "Reads all that an admin reads; `false` without.") Boolean auditor,
            @Schema(required = true, description = "At least 10 characters.", examples = "correct horse battery")
                    String password) {}

    /** What a person is beyond the tenants. */
    public record SetRoles(
            @Schema(required = true) Boolean admin,
            @Schema(required = true, description = "Reads all that an admin reads.") Boolean auditor) {}

    /** A password that an admin sets. */
    public record SetPassword(
            @Schema(required = true, description = "At least 10 characters.", examples = "correct horse battery")
                    String password) {}

    /** A mail address that somebody sets. */
    public record SetEmail(
            @Schema(required = true, description = "Empty for none.", examples = "dora@example.org") String email) {}

    private final Callers callers;
    private final Accounts accounts;

    UserResource(Callers callers, Accounts accounts) {
        this.callers = callers;
        this.accounts = accounts;
    }

    @GET
    @Operation(summary = "List users", description = "For admins and auditors; by user name.")
    public Page<UserView> list(
            @Parameter(description = "Part of a name.") @QueryParam("q") String text, @BeanParam Paging paging) {
        return accounts.list(callers.current(), text, paging.limit(), paging.cursor())
                .map(UserView::of);
    }

    @GET
    @Path("/{username}")
    @Operation(summary = "Show a user", description = "For admins and auditors.")
    public UserView get(@PathParam("username") String username) {
        return UserView.of(accounts.get(callers.current(), username));
    }

    @POST
    @Idempotent(secret = true)
    @APIResponse(responseCode = "201", description = "Can sign in, and belongs to no tenant yet.")
    @Operation(summary = "Make a user", description = "For admins. The person changes the first password.")
    public RestResponse<UserView> create(NewUser user) {
        NewUser body = Answers.body(user);
        User made = accounts.create(
                callers.current(),
                body.username(),
                body.displayName(),
                Boolean.TRUE.equals(body.admin()),
                Boolean.TRUE.equals(body.auditor()),
                body.password());
        return Answers.created("/users/" + made.username(), UserView.of(made));
    }

    @POST
    @Path("/{username}/disable")
    @Idempotent
    @Operation(
            summary = "Disable a user",
            description = "For admins. No sign-in and no further request; machines and memberships stay.")
    public RestResponse<UserView> disable(@PathParam("username") String username) {
        return RestResponse.ok(UserView.of(accounts.setDisabled(callers.current(), username, true)));
    }

    @POST
    @Path("/{username}/enable")
    @Idempotent
    @Operation(summary = "Enable a user", description = "For admins.")
    public RestResponse<UserView> enable(@PathParam("username") String username) {
        return RestResponse.ok(UserView.of(accounts.setDisabled(callers.current(), username, false)));
    }

    @PUT
    @Path("/{username}/roles")
    @Idempotent
    @Operation(
            summary = "Make a user an admin or an auditor, or neither",
            description = "For admins. Holds from the user's next call on. One admin who can sign in stays.")
    public RestResponse<UserView> setRoles(@PathParam("username") String username, SetRoles change) {
        SetRoles body = Answers.body(change);
        if (body.admin() == null || body.auditor() == null) {
            throw ProblemException.invalid(body.admin() == null ? "admin" : "auditor", "Say true or false.");
        }
        return RestResponse.ok(
                UserView.of(accounts.setRoles(callers.current(), username, body.admin(), body.auditor())));
    }

    @PUT
    @Path("/{username}/password")
    @Idempotent(secret = true)
    @APIResponse(responseCode = "204", description = "Set.")
    @Operation(summary = "Set a user's password", description = "For admins, when somebody has forgotten it.")
    public RestResponse<Void> setPassword(@PathParam("username") String username, SetPassword change) {
        accounts.setPassword(callers.current(), username, Answers.body(change).password());
        return RestResponse.noContent();
    }

    @PUT
    @Path("/{username}/email")
    @Idempotent
    @Operation(
            summary = "Set a user's mail address",
            description =
                    "For admins, and for each person their own. Empty for none. Its reader confirms it by a code: `/me/email/code`.")
    public RestResponse<UserView> setEmail(@PathParam("username") String username, SetEmail change) {
        return RestResponse.ok(UserView.of(accounts.setEmail(
                callers.current(),
                username,
                Answers.text(Answers.body(change).email()).strip())));
    }
}
