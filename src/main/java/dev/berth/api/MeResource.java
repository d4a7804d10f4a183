package dev.berth.api;

import dev.berth.security.Caller;
import dev.berth.security.User;
import dev.berth.security.Users;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Tenants;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Who is calling. */
@Path(ApiPaths.V1)
@Tag(name = "People")
public class MeResource {
    /** The caller's account and tenants. */
    public record Me(String username, String displayName, boolean admin, List<Membership> tenants) {}

    /**
     * One of the caller's tenants.
     *
     * @param role {@code MEMBER} or {@code OWNER}
     */
    public record Membership(String slug, String name, String role) {}

    private final Callers callers;
    private final Users users;
    private final Tenants tenants;

    MeResource(Callers callers, Users users, Tenants tenants) {
        this.callers = callers;
        this.users = users;
        this.tenants = tenants;
    }

    @GET
    @Path("/me")
    @Operation(summary = "Who I am", description = "The account that makes this call, and its tenants.")
    public Me get() {
        Caller caller = callers.current();
        User user = users.find(caller.username()).orElseThrow();
        List<Membership> memberships = tenants.list(caller).stream()
                .filter(tenant -> caller.tenants().containsKey(tenant.id()))
                .map(tenant -> new Membership(
                        tenant.slug(),
                        tenant.name(),
                        caller.tenants().get(tenant.id()).name()))
                .toList();
        return new Me(user.username(), user.displayName(), user.admin(), memberships);
    }
}
