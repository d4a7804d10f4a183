package dev.berth.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.berth.common.Page;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Tokens;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** The caller's tokens for programs. */
@Path(ApiPaths.V1 + "/tokens")
@Tag(name = "People")
public class TokenResource {
    /** A token to be. */
    public record NewToken(
            @Schema(required = true, examples = "nightly build") String name,
            @Schema(
                            required = true,
                            description =
                                    "Some of `read`, `machines`, `approve` and `admin`; each of them reads as well.",
                            examples = "[\"machines\"]")
                    List<String> scopes,
            @Schema(description = "The only tenant that it opens; without, all of mine.", examples = "blue")
                    String tenant,
            @Schema(description = "How long it works, counted from now.", defaultValue = "30", examples = "90")
                    Integer days) {}

    /**
     * A token as the API shows it.
     *
     * @param token its text, only in the answer that made it
     */
    @Schema(name = "Token")
    public record TokenView(
            UUID id,
            String name,
            List<String> scopes,
            @Schema(description = "The only tenant that it opens; empty for all of its user's.") String tenant,
            Instant createdAt,
            Instant expiresAt,
            @Schema(description = "To within a minute; null for never.", nullable = true) Instant usedAt,
            @Schema(
                            description = "What to send as `Authorization: Bearer`; only in the answer that made it.",
                            nullable = true)
                    @JsonInclude(JsonInclude.Include.NON_NULL)
                    String token)
            implements ShownOnce {
        static TokenView of(Tokens.Shown shown, String text) {
            return new TokenView(
                    shown.token().id(),
                    shown.token().name(),
                    shown.scopes(),
                    shown.tenant(),
                    shown.token().createdAt(),
                    shown.token().expiresAt(),
                    shown.token().usedAt(),
                    text);
        }

        @Override
        public Object kept() {
            return new TokenView(id, name, scopes, tenant, createdAt, expiresAt, usedAt, null);
        }
    }

    private final Callers callers;
    private final Tokens tokens;

    TokenResource(Callers callers, Tokens tokens) {
        this.callers = callers;
        this.tokens = tokens;
    }

    @GET
    @Operation(
            summary = "List my tokens",
            description = "Newest first; those that expired within the last 30 days as well.")
    public Page<TokenView> list(@BeanParam Paging paging) {
        return page(tokens.list(callers.current()), paging);
    }

    @POST
    @Idempotent
    @APIResponse(responseCode = "201", description = "Works from now on; its text is told this once.")
    @APIResponse(responseCode = "409", description = "You have as many as you may.")
    @Operation(
            summary = "Make a token",
            description = "Not by a token: with user name and password, or on the page. Sent again under its key, the"
                    + " answer comes without the text.")
    public RestResponse<TokenView> create(NewToken token) {
        NewToken body = Answers.body(token);
        Tokens.Made made = tokens.create(
                callers.current(),
                new Tokens.Draft(body.name(), Answers.list(body.scopes()), body.tenant(), body.days()));
        return Answers.created("/tokens/" + made.token().token().id(), TokenView.of(made.token(), made.text()));
    }

    @DELETE
    @Path("/{id}")
    @Idempotent
    @APIResponse(responseCode = "204", description = "The next call with it is refused.")
    @Operation(summary = "Revoke a token of mine")
    public RestResponse<Void> revoke(@PathParam("id") UUID id) {
        tokens.revoke(callers.current(), id);
        return RestResponse.noContent();
    }

    static Page<TokenView> page(List<Tokens.Shown> all, Paging paging) {
        return paging.slice(all, shown -> shown.token().id().toString()).map(shown -> TokenView.of(shown, null));
    }
}
