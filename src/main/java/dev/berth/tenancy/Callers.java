package dev.berth.tenancy;

import dev.berth.security.Caller;
import io.quarkus.security.UnauthorizedException;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.enterprise.context.RequestScoped;

/** Who makes the request at hand, with its tenants as they are now; looked up once a request. */
@RequestScoped
public class Callers {
    private final SecurityIdentity identity;
    private final CurrentVertxRequest request;
    private final Tenants tenants;
    private Caller caller;

    Callers(SecurityIdentity identity, CurrentVertxRequest request, Tenants tenants) {
        this.identity = identity;
        this.request = request;
        this.tenants = tenants;
    }

    /** @throws UnauthorizedException when nobody is signed in */
    public Caller current() {
        if (caller == null) {
            if (identity.isAnonymous()) {
                throw new UnauthorizedException();
            }
            caller = tenants.caller(identity.getPrincipal().getName(), source());
        }
        return caller;
    }

    private String source() {
        var context = request.getCurrent();
        return context == null || context.request().remoteAddress() == null
                ? ""
                : String.valueOf(context.request().remoteAddress().hostAddress());
    }
}
