package dev.berth.tenancy;

import dev.berth.security.Caller;
import dev.berth.security.Credential;
import dev.berth.security.Gate;
import dev.berth.security.RemoteAddress;
import dev.berth.security.User;
import dev.berth.security.Users;
import io.quarkus.security.UnauthorizedException;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.enterprise.context.RequestScoped;
import java.util.List;

/** Who makes the request at hand, with its tenants as they are now; looked up once a request. */
@RequestScoped
public class Callers {
    private final SecurityIdentity identity;
    private final CurrentVertxRequest request;
    private final Tenants tenants;
    private Tenants.Own own;

    Callers(SecurityIdentity identity, CurrentVertxRequest request, Tenants tenants) {
        this.identity = identity;
        this.request = request;
        this.tenants = tenants;
    }

    /** @throws UnauthorizedException when nobody is signed in */
    public Caller current() {
        return own().caller();
    }

    /** The tenants that the caller belongs to, by name; an admin sees others as well. */
    public List<Tenant> tenants() {
        return own().tenants();
    }

    /**
     * The tenant with this short name.
     *
     * @throws dev.berth.common.ProblemException not found, also when it is not the caller's
     */
    public Tenant tenant(String slug) {
        return tenants().stream()
                .filter(tenant -> tenant.slug().equals(slug))
                .findFirst()
                .orElseGet(() -> tenants.get(current(), slug));
    }

    private Tenants.Own own() {
        if (own == null) {
            if (identity.isAnonymous()) {
                throw new UnauthorizedException();
            }
            User user = Users.of(identity)
                    .orElseGet(() -> tenants.user(identity.getPrincipal().getName()));
            own = tenants.caller(user, credential(), reads(), source());
        }
        return own;
    }

    /** What this request proved its person by. */
    public Credential credential() {
        return Credential.of(identity).orElseGet(Credential::password);
    }

    /** Who holds open what this request opens, to be asked about again as long as it is. */
    public Standing.Holder holder() {
        return new Standing.Holder(current().userId(), credential(), source());
    }

    /** The login that this request came by, or empty when it came by none. */
    public String login() {
        Credential credential = credential();
        return credential.kind() == Credential.Kind.LOGIN ? credential.id() : "";
    }

    private boolean reads() {
        var context = request.getCurrent();
        return context != null && Gate.isSafe(context.request().method());
    }

    private String source() {
        String address = RemoteAddress.of(request.getCurrent());
        return credential().kind() == Credential.Kind.TOKEN
                ? address + ", token " + credential().name()
                : address;
    }
}
