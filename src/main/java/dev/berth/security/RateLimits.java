package dev.berth.security;

import dev.berth.common.Problem;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Bounds how often one caller may call, so that a program gone wild does not slow everybody else down: each token, each
 * user by login or password, and each address that nobody has signed in from. Known to this process alone.
 */
@ApplicationScoped
public class RateLimits {
    private static final Logger LOG = Logger.getLogger(RateLimits.class);

    /** After Quarkus's own authentication, which is at 200, and before its authorisation, which is at 100. */
    private static final int KNOWN = 150;

    /** What monitoring, pages' parts and other processes ask for: cheap, or guarded by a signature. */
    private static final List<String> FREE = List.of(
            "/q/", "/css/", "/js/", "/icons/", "/vendor/", "/webjars/", "/internal/", "/favicon.ico", "/robots.txt");

    private final RateConfig config;
    private final Buckets buckets;

    RateLimits(RateConfig config, Clock clock) {
        this.config = config;
        this.buckets = new Buckets(clock);
    }

    void register(@Observes Filters filters) {
        filters.register(this::limit, KNOWN);
    }

    private void limit(RoutingContext context) {
        String path = context.normalizedPath();
        Buckets.Key caller = caller(context);
        if (caller.limit() <= 0 || FREE.stream().anyMatch(path::startsWith)) {
            context.next();
            return;
        }
        Buckets.Draw draw = buckets.take(caller);
        if (!draw.refused()) {
            context.next();
            return;
        }
        if (draw.first()) {
            LOG.warnf("Too many requests of %s: some are refused for a while", caller.name());
        }
        long seconds = Math.max(1, draw.pause().plusMillis(999).toSeconds());
        Refusals.problem(
                context,
                Problem.of(
                        429,
                        "too-many-requests",
                        "Too many requests: " + caller.limit() + " a minute are allowed. Wait " + seconds
                                + " s, then try again."),
                headers -> headers.set("Retry-After", Long.toString(seconds)));
    }

    private Buckets.Key caller(RoutingContext context) {
        SecurityIdentity identity = context.user() instanceof QuarkusHttpUser user ? user.getSecurityIdentity() : null;
        Optional<User> user = identity == null ? Optional.empty() : Users.of(identity);
        if (user.isEmpty()) {
            return new Buckets.Key("address " + RemoteAddress.of(context), config.anonymousPerMinute());
        }
        return Credential.of(identity)
                .filter(credential -> credential.kind() == Credential.Kind.TOKEN)
                .map(token -> new Buckets.Key("token " + token.id(), config.perMinute()))
                .orElseGet(() -> new Buckets.Key("user " + user.get().username(), config.perMinute()));
    }
}
