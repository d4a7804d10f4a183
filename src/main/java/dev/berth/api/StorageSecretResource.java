package dev.berth.api;

import dev.berth.provisioning.StorageSecrets;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** The secret with which hosts sign in to a storage profile's target: given once, never shown. */
@Path(ApiPaths.V1 + "/storage-profiles/{profile}/secret")
@Tag(name = "Catalogue")
public class StorageSecretResource {
    /** The secret itself. */
    public record NewSecret(
            @Schema(required = true, description = "12 to 128 visible ASCII characters.") String secret) {
        /** Without the secret, whatever becomes of a record's text. */
        @Override
        public String toString() {
            return "NewSecret";
        }
    }

    /** What became of it on a host. */
    @Schema(name = "SecretOnHost")
    public record SecretOnHost(
            String host, @Schema(description = "Why the host has not got it; empty if it has.") String problem) {}

    /** What became of it. */
    @Schema(name = "SecretKept")
    public record SecretKept(List<SecretOnHost> hosts) {}

    private final Callers callers;
    private final StorageSecrets secrets;

    StorageSecretResource(Callers callers, StorageSecrets secrets) {
        this.callers = callers;
        this.secrets = secrets;
    }

    @PUT
    @Idempotent(secret = true)
    @Operation(
            summary = "Give hosts the secret of a storage profile",
            description = "For admins. It goes to each host's own secret store and stays nowhere else; a host that is"
                    + " away has to be given it again.")
    public RestResponse<SecretKept> keep(@PathParam("profile") String slug, NewSecret secret) {
        return RestResponse.ok(new SecretKept(
                secrets.keep(callers.current(), slug, Answers.body(secret).secret()).stream()
                        .map(kept -> new SecretOnHost(kept.host(), kept.problem()))
                        .toList()));
    }
}
