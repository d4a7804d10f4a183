package dev.berth.api;

import dev.berth.security.Caller;
import dev.berth.security.User;
import dev.berth.security.Users;
import dev.berth.tenancy.Accounts;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Tenants;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
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

    private final Callers callers;
    private final Users users;
    private final Tenants tenants;
    private final Accounts accounts;

    MeResource(Callers callers, Users users, Tenants tenants, Accounts accounts) {
        this.callers = callers;
        this.users = users;
        this.tenants = tenants;
        this.accounts = accounts;
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
    @Operation(summary = "Change my password", description = "At least 10 characters.")
    public RestResponse<Void> changePassword(NewPassword change) {
        NewPassword body = Answers.body(change);
        accounts.changePassword(callers.current(), body.current(), body.password());
        return RestResponse.noContent();
    }
}
