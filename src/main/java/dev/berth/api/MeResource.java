package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.notices.EmailCodes;
import dev.berth.security.Caller;
import dev.berth.security.Login;
import dev.berth.security.Logins;
import dev.berth.security.User;
import dev.berth.security.Users;
import dev.berth.tenancy.Accounts;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Tenants;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Who is calling. */
@Path(ApiPaths.V1)
@Tag(name = "People")
public class MeResource {
    /** The caller's account and tenants. */
    public record Me(String username, String displayName, boolean admin, boolean auditor, List<Membership> tenants) {}

    /**
     * One of the caller's tenants.
     *
     * @param role {@code MEMBER} or {@code OWNER}
     */
    public record Membership(String slug, String name, String role) {}

    /** A new password, and the one it takes the place of. */
    public record NewPassword(
            @Schema(required = true, examples = "the old one") String current,
            @Schema(required = true, examples = "correct horse battery") String password) {}

    /** A code that came by mail. */
    public record MailCode(@Schema(required = true, examples = "12345678") String code) {}

    /**
     * Where somebody is signed in.
     *
     * @param seenAt when it was last used, to within some seconds
     */
    @Schema(name = "Login")
    public record LoginView(
            String id,
            Instant begunAt,
            Instant seenAt,
            @Schema(description = "Where it began.") String address,
            @Schema(description = "What the browser calls itself.") String agent) {
        static LoginView of(Login login) {
            return new LoginView(login.id(), login.begunAt(), login.seenAt(), login.address(), login.agent());
        }
    }

    private final Callers callers;
    private final Users users;
    private final Tenants tenants;
    private final Accounts accounts;
    private final Logins logins;
    private final EmailCodes codes;

    MeResource(Callers callers, Users users, Tenants tenants, Accounts accounts, Logins logins, EmailCodes codes) {
        this.callers = callers;
        this.users = users;
        this.tenants = tenants;
        this.accounts = accounts;
        this.logins = logins;
        this.codes = codes;
    }

    @GET
    @Path("/me")
    @Operation(
            summary = "Who I am",
            description = "The account that makes this call, and its tenants: with a token, as far as that goes.")
    public Me get() {
        Caller caller = callers.current();
        User user = users.find(caller.username()).orElseThrow();
        List<Membership> memberships = tenants.of(user).entrySet().stream()
                .filter(entry -> caller.tenants().containsKey(entry.getKey().id()))
                .map(entry -> new Membership(
                        entry.getKey().slug(),
                        entry.getKey().name(),
                        entry.getValue().name()))
                .toList();
        return new Me(user.username(), user.displayName(), caller.admin(), caller.auditor(), memberships);
    }

    @PUT
    @Path("/me/password")
    @Idempotent(secret = true)
    @APIResponse(responseCode = "204", description = "Changed: the next call needs the new one.")
    @Operation(summary = "Change my password", description = "At least 10 characters. Ends where you are signed in.")
    public RestResponse<Void> changePassword(NewPassword change) {
        NewPassword body = Answers.body(change);
        accounts.changePassword(callers.current(), callers.login(), body.current(), body.password());
        return RestResponse.noContent();
    }

    @POST
    @Path("/me/email/code")
    @Idempotent
    @APIResponse(responseCode = "204", description = "A mail with a code is under way.")
    @Operation(
            summary = "Send a code to my mail address",
            description = "Good once, for half an hour; five an hour. No other mail goes to an address that is not"
                    + " confirmed.")
    public RestResponse<Void> sendCode() {
        codes.send(callers.current());
        return RestResponse.noContent();
    }

    @POST
    @Path("/me/email/confirm")
    @APIResponse(responseCode = "204", description = "Mail goes there from now on.")
    @Operation(summary = "Confirm my mail address", description = "With the code that was last sent there.")
    public RestResponse<Void> confirm(MailCode code) {
        codes.confirm(callers.current(), Answers.text(Answers.body(code).code()));
        return RestResponse.noContent();
    }

    @GET
    @Path("/me/logins")
    @Operation(summary = "Where I am signed in", description = "In browsers, the last used first.")
    public Page<LoginView> logins(@BeanParam Paging paging) {
        return paging.slice(logins.of(callers.current().userId()), Login::id).map(LoginView::of);
    }

    @DELETE
    @Path("/me/logins")
    @Idempotent
    @APIResponse(responseCode = "204", description = "Signed out everywhere.")
    @Operation(summary = "Sign out everywhere", description = "Ends all of my logins in browsers.")
    public RestResponse<Void> signOutEverywhere() {
        logins.endAll(callers.current().userId());
        return RestResponse.noContent();
    }

    @DELETE
    @Path("/me/logins/{login}")
    @Idempotent
    @APIResponse(responseCode = "204", description = "Signed out there.")
    @Operation(summary = "Sign out somewhere", description = "Ends one of my logins; it may have ended already.")
    public RestResponse<Void> signOut(@PathParam("login") String login) {
        logins.end(callers.current().userId(), login);
        return RestResponse.noContent();
    }
}
