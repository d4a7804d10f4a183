package dev.berth.security;

import io.quarkus.oidc.AuthorizationCodeTokens;
import io.quarkus.oidc.OidcRequestContext;
import io.quarkus.oidc.OidcTenantConfig;
import io.quarkus.oidc.TokenStateManager;
import io.quarkus.oidc.runtime.DefaultTokenStateManager;
import io.quarkus.security.AuthenticationFailedException;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;

/**
 * The cookie of whoever came from the provider: its tokens, and the login here that they began. Both are encrypted
 * together, so that neither can be used without the other, and no process keeps anything of it.
 */
@Alternative
@Priority(1)
@ApplicationScoped
class ProviderSession implements TokenStateManager {
    private static final String LOGIN = ProviderSession.class.getName();
    /** No token has it (RFC 7515's characters are those of base64url and dots). */
    private static final char SEPARATOR = '~';

    private final DefaultTokenStateManager cookies;

    ProviderSession(DefaultTokenStateManager cookies) {
        this.cookies = cookies;
    }

    /** The login that the request's cookie belongs to; null when none came, or a new one begins. */
    static String login(RoutingContext context) {
        return context.get(LOGIN);
    }

    static void begun(RoutingContext context, String login) {
        context.put(LOGIN, login);
    }

    @Override
    public Uni<String> createTokenState(
            RoutingContext context,
            OidcTenantConfig config,
            AuthorizationCodeTokens tokens,
            OidcRequestContext<String> request) {
        return cookies.createTokenState(
                context,
                config,
                new AuthorizationCodeTokens(
                        tokens.getIdToken() + SEPARATOR + login(context),
                        tokens.getAccessToken(),
                        tokens.getRefreshToken(),
                        tokens.getAccessTokenExpiresIn(),
                        tokens.getAccessTokenScope()),
                request);
    }

    @Override
    public Uni<AuthorizationCodeTokens> getTokens(
            RoutingContext context,
            OidcTenantConfig config,
            String state,
            OidcRequestContext<AuthorizationCodeTokens> request) {
        return cookies.getTokens(context, config, state, request).map(tokens -> {
            int separator = tokens.getIdToken().lastIndexOf(SEPARATOR);
            if (separator < 0) {
                throw new AuthenticationFailedException();
            }
            begun(context, tokens.getIdToken().substring(separator + 1));
            tokens.setIdToken(tokens.getIdToken().substring(0, separator));
            return tokens;
        });
    }

    @Override
    public Uni<Void> deleteTokens(
            RoutingContext context, OidcTenantConfig config, String state, OidcRequestContext<Void> request) {
        return cookies.deleteTokens(context, config, state, request);
    }
}
