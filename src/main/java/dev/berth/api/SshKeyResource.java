package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.SshKey;
import dev.berth.tenancy.SshKeys;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** The caller's SSH public keys. */
@Path(ApiPaths.V1)
@Tag(name = "People")
public class SshKeyResource {
    /** A key to keep. Without a name, its comment is the name. */
    public record NewKey(
            @Schema(examples = "laptop") String name,
            @Schema(
                            required = true,
                            examples =
                                    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDwlrkfYIcMKSGoBgSbCPqfVsjYDbvo5/BLa6EWhLfJJ alice@laptop")
                    String publicKey) {}

    private final Callers callers;
    private final SshKeys keys;

    SshKeyResource(Callers callers, SshKeys keys) {
        this.callers = callers;
        this.keys = keys;
    }

    @GET
    @Path("/ssh-keys")
    @Operation(summary = "List my SSH keys")
    public Page<SshKey> list(@BeanParam Paging paging) {
        return paging.slice(keys.list(callers.current()), key -> key.id().toString());
    }

    @POST
    @Path("/ssh-keys")
    @Idempotent
    @APIResponse(responseCode = "201", description = "Kept, or there already.")
    @Operation(
            summary = "Keep an SSH key",
            description = "It is offered again in each form. Keeping it twice is harmless.")
    public RestResponse<SshKey> add(NewKey key) {
        NewKey body = Answers.body(key);
        SshKey kept = keys.keep(callers.current(), body.name(), body.publicKey());
        return Answers.created("/ssh-keys/" + kept.id(), kept);
    }

    @DELETE
    @Path("/ssh-keys/{id}")
    @Idempotent
    @APIResponse(responseCode = "204", description = "Forgotten. Machines that have the key keep it.")
    @Operation(summary = "Forget an SSH key")
    public RestResponse<Void> delete(@PathParam("id") UUID id) {
        keys.delete(callers.current(), id);
        return RestResponse.noContent();
    }
}
