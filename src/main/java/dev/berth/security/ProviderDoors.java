package dev.berth.security;

import dev.berth.common.Problem;
import io.quarkus.oidc.runtime.OidcAuthenticationMechanism;
import io.quarkus.security.AuthenticationRedirectException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AnonymousAuthenticationRequest;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.HttpCredentialTransport;
import io.quarkus.vertx.http.security.HttpSecurity;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Which door is where when people come from an OpenID Connect provider: pages lead there and take its word, the API takes
 * neither its cookies nor passwords. A cookie that is worth nothing any more is none, and whoever brought it is asked to
 * sign in again, which the provider may do without a question.
 */
@ApplicationScoped
public class ProviderDoors {
    private static final Logger LOG = Logger.getLogger(ProviderDoors.class);
    /** Where the provider sends people back to. */
    static final String CALLBACK = "/login/done";

    private static final String FAILED = ProviderDoors.class.getName();

    private final AuthConfig config;
    private final ProviderConfig provider;
    private final Instance<OidcAuthenticationMechanism> oidc;

    ProviderDoors(AuthConfig config, ProviderConfig provider, Instance<OidcAuthenticationMechanism> oidc) {
        this.config = config;
        this.provider = provider;
        this.oidc = oidc;
    }

    void configure(@Observes HttpSecurity http) {
        if (config.mode() != AuthConfig.Mode.OIDC) {
            return;
        }
        if (provider.issuer().isEmpty()) {
            throw new IllegalStateException(
                    "berth.auth.mode is oidc: set berth.auth.oidc.issuer to the address of the identity provider");
        }
        http.mechanism(new Doors(oidc.get(), new Bearer()));
    }

    private record Doors(HttpAuthenticationMechanism oidc, HttpAuthenticationMechanism bearer)
            implements HttpAuthenticationMechanism {
        private static boolean isApi(RoutingContext context) {
            return Refusals.isApi(context) && !context.normalizedPath().equals(LocalDoors.CONSOLE);
        }

        /** Nobody is an answer too: Quarkus's own mechanism, which is next in the line, is not asked again. */
        @Override
        public Uni<SecurityIdentity> authenticate(RoutingContext context, IdentityProviderManager identities) {
            context.put(HttpAuthenticationMechanism.class.getName(), this);
            if (Bearer.brought(context)) {
                return bearer.authenticate(context, identities)
                        .onItem()
                        .ifNull()
                        .switchTo(() -> nobody(identities));
            }
            if (isApi(context)) {
                return nobody(identities);
            }
            return oidc.authenticate(context, identities)
                    .onFailure(failure -> !(failure instanceof AuthenticationRedirectException))
                    .recoverWithItem(failure -> {
                        LOG.debugf(failure, "Nobody is signed in by what was sent to %s", context.normalizedPath());
                        context.put(FAILED, true);
                        return null;
                    })
                    .onItem()
                    .transformToUni(identity -> {
                        // Quarkus's own has put itself down as the one to answer.
                        context.put(HttpAuthenticationMechanism.class.getName(), this);
                        if (identity == null) {
                            return nobody(identities);
                        }
                        if (Users.of(identity).isEmpty() && !ProviderLogin.isShutOut(identity)) {
                            // Kept, it would be looked at before what the provider sends next, for ever.
                            ProviderLogout.forget(context);
                            return nobody(identities);
                        }
                        return Uni.createFrom().item(identity);
                    });
        }

        private static Uni<SecurityIdentity> nobody(IdentityProviderManager identities) {
            return identities.authenticate(AnonymousAuthenticationRequest.INSTANCE);
        }

        /** Only what a person sees as a page is sent away to sign in; scripts and programs are told. */
        @Override
        public Uni<Boolean> sendChallenge(RoutingContext context) {
            if (isApi(context)) {
                Refusals.problem(
                        context,
                        Problem.signIn(),
                        headers -> headers.set("WWW-Authenticate", "Bearer realm=\"Berth\""));
                return Uni.createFrom().item(true);
            }
            if (!isPage(context)) {
                Refusals.problem(context, Problem.signIn());
                return Uni.createFrom().item(true);
            }
            if (context.request().method() != HttpMethod.GET) {
                return redirect(context, "/login?error=ended");
            }
            // Sent to the provider again, it might come back with the same for ever.
            if (context.normalizedPath().equals(CALLBACK) && context.get(FAILED) != null) {
                return redirect(context, "/login?error=refused");
            }
            return oidc.sendChallenge(context).onFailure().recoverWithUni(failure -> {
                LOG.warnf("The identity provider can't be used: %s", failure.getMessage());
                return redirect(context, "/login?error=unavailable");
            });
        }

        private static boolean isPage(RoutingContext context) {
            String accept = context.request().getHeader("Accept");
            String destination = context.request().getHeader("Sec-Fetch-Dest");
            return context.request().getHeader("HX-Request") == null
                    && (destination == null
                            ? accept == null || accept.contains("text/html") || accept.contains("*/*")
                            : destination.equals("document"));
        }

        private static Uni<Boolean> redirect(RoutingContext context, String to) {
            context.response().setStatusCode(303).putHeader("Location", to).end();
            return Uni.createFrom().item(true);
        }

        @Override
        public Uni<ChallengeData> getChallenge(RoutingContext context) {
            return isApi(context)
                    ? Uni.createFrom().item(new ChallengeData(401, "WWW-Authenticate", "Bearer realm=\"Berth\""))
                    : oidc.getChallenge(context);
        }

        @Override
        public Uni<HttpCredentialTransport> getCredentialTransport(RoutingContext context) {
            return oidc.getCredentialTransport(context);
        }

        @Override
        public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
            return oidc.getCredentialTypes();
        }

        /** Before Quarkus's own. */
        @Override
        public int getPriority() {
            return DEFAULT_PRIORITY + 1_000;
        }
    }
}
