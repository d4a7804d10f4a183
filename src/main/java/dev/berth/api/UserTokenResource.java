package dev.berth.api;

import dev.berth.api.TokenResource.TokenView;
import dev.berth.common.Page;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Tokens;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** A user's tokens for programs; for admins. */
@Path(ApiPaths.V1 + "/users/{username}/tokens")
@Tag(name = "People")
public class UserTokenResource {
    private final Callers callers;
    private final Tokens tokens;

    UserTokenResource(Callers callers, Tokens tokens) {
        this.callers = callers;
        this.tokens = tokens;
    }

    @GET
    @Operation(summary = "List a user's tokens", description = "For admins and auditors.")
    public Page<TokenView> list(@PathParam("username") String username, @BeanParam Paging paging) {
        return TokenResource.page(tokens.list(callers.current(), username), paging);
    }

    @DELETE
    @Path("/{id}")
    @Idempotent
    @APIResponse(responseCode = "204", description = "The next call with it is refused.")
    @Operation(summary = "Revoke a user's token", description = "For admins.")
    public RestResponse<Void> revoke(@PathParam("username") String username, @PathParam("id") UUID id) {
        tokens.revoke(callers.current(), username, id);
        return RestResponse.noContent();
    }
}
