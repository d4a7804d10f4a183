package dev.berth.security;

import dev.berth.common.BerthConfig;
import dev.berth.common.Problem;
import io.quarkus.oidc.IdTokenCredential;
import io.quarkus.oidc.OidcConfigurationMetadata;
import io.quarkus.oidc.runtime.DefaultTenantConfigResolver;
import io.quarkus.security.identity.SecurityIdentity;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jose4j.jwt.consumer.InvalidJwtException;

/**
 * Leaving, when people come from an OpenID Connect provider: here, which ends their session there too, and there, of
 * which the provider tells us itself or by the person's browser. Either way it is the login's end in every process.
 *
 * @see <a href="https://openid.net/specs/openid-connect-rpinitiated-1_0.html">RP-Initiated Logout</a>
 * @see <a href="https://openid.net/specs/openid-connect-backchannel-1_0.html">Back-Channel Logout</a>
 * @see <a href="https://openid.net/specs/openid-connect-frontchannel-1_0.html">Front-Channel Logout</a>
 */
@ApplicationScoped
public class ProviderLogout {
    private static final Logger LOG = Logger.getLogger(ProviderLogout.class);
    private static final String COOKIE = "q_session";
    private static final String METADATA = "configuration-metadata";
    private static final String EVENT = "http://schemas.openid.net/event/backchannel-logout";
    private static final int LONGEST_BODY = 64 * 1_024;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final AuthConfig config;
    private final ProviderConfig provider;
    private final BerthConfig berth;
    private final DefaultTenantConfigResolver tenants;
    private final Users users;
    private final Logins logins;

    ProviderLogout(
            AuthConfig config,
            ProviderConfig provider,
            BerthConfig berth,
            DefaultTenantConfigResolver tenants,
            Users users,
            Logins logins) {
        this.config = config;
        this.provider = provider;
        this.berth = berth;
        this.tenants = tenants;
        this.users = users;
        this.logins = logins;
    }

    /**
     * Ends the login and forgets the cookies.
     *
     * @return where the browser has to go to leave the provider as well; empty when it has no such place
     */
    public Optional<String> leave(SecurityIdentity identity, RoutingContext context) {
        Users.of(identity)
                .ifPresent(user -> Credential.of(identity).ifPresent(login -> logins.end(user.id(), login.id())));
        forget(context);
        IdTokenCredential token = identity.getCredential(IdTokenCredential.class);
        OidcConfigurationMetadata metadata = identity.getAttribute(METADATA);
        if (token == null || metadata == null || metadata.getEndSessionUri() == null) {
            return Optional.empty();
        }
        String there = metadata.getEndSessionUri();
        return Optional.of(there + (there.contains("?") ? '&' : '?') + "id_token_hint=" + encoded(token.getToken())
                + "&client_id=" + encoded(provider.clientId()) + "&post_logout_redirect_uri="
                + encoded(here(context) + "/signed-out"));
    }

    /** Takes away the cookies that the request came with. */
    static void forget(RoutingContext context) {
        context.request().cookies().stream()
                .map(Cookie::getName)
                .filter(name -> name.startsWith(COOKIE))
                .toList()
                .forEach(name -> context.response()
                        .addCookie(Cookie.cookie(name, "")
                                .setPath("/")
                                .setHttpOnly(true)
                                .setSameSite(CookieSameSite.LAX)
                                .setMaxAge(0)));
    }

    private String here(RoutingContext context) {
        return berth.publicUrl()
                .map(url -> url.toString().replaceFirst("/+$", ""))
                .orElseGet(() ->
                        context.request().scheme() + "://" + context.request().authority());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    void routes(@Observes Router router) {
        if (config.mode() != AuthConfig.Mode.OIDC) {
            return;
        }
        router.post("/logout/back-channel")
                .handler(BodyHandler.create(false).setBodyLimit(LONGEST_BODY))
                .blockingHandler(this::backChannel);
        router.get("/logout/front-channel").blockingHandler(this::frontChannel);
    }

    private void backChannel(RoutingContext context) {
        context.response().putHeader("Cache-Control", "no-store");
        String token = context.request().getFormAttribute("logout_token");
        Optional<JsonObject> claims = token == null ? Optional.empty() : verified(token);
        if (claims.isEmpty()) {
            Refusals.problem(context, Problem.of(400, "invalid-token", "This is no logout token of our provider."));
            return;
        }
        end(claims.get());
        context.response().end();
    }

    private Optional<JsonObject> verified(String token) {
        try {
            tenants.getTenantConfigBean()
                    .getDefaultTenant()
                    .initialize()
                    .await()
                    .atMost(PATIENCE)
                    .provider()
                    .verifyLogoutJwtToken(token);
        } catch (InvalidJwtException e) {
            LOG.debugf(e, "Refused a logout token");
            return Optional.empty();
        }
        return Optional.of(ProviderLogin.claims(token)).filter(this::isLogout);
    }

    private boolean isLogout(JsonObject claims) {
        return claims.get("events") instanceof JsonObject events
                && events.containsKey(EVENT)
                && !claims.containsKey("nonce")
                && claims.containsKey("iss")
                && audience(claims.get("aud")).contains(provider.clientId());
    }

    private static List<String> audience(JsonValue aud) {
        return aud instanceof JsonString one
                ? List.of(one.getString())
                : aud instanceof JsonArray many
                        ? many.stream()
                                .map(each -> each instanceof JsonString text ? text.getString() : "")
                                .toList()
                        : List.of();
    }

    /** One session, or all of a person when none is named. */
    private void end(JsonObject claims) {
        String issuer = claims.getString("iss");
        String session = claims.getString("sid", "");
        if (session.isEmpty()) {
            users.provided(issuer, claims.getString("sub", ""))
                    .ifPresent(known -> logins.endAll(known.user().id()));
        } else {
            logins.endSession(ProviderLogin.session(issuer, session));
        }
    }

    /** The browser brings no cookie of ours from within the provider's page; the session's name alone tells it. */
    private void frontChannel(RoutingContext context) {
        String issuer = context.request().getParam("iss");
        String session = context.request().getParam("sid");
        if (issuer != null && session != null && !session.isEmpty()) {
            logins.endSession(ProviderLogin.session(issuer, session));
        }
        context.response()
                .putHeader("Cache-Control", "no-store")
                .putHeader("Content-Type", "text/plain;charset=UTF-8")
                .end("Signed out.\n");
    }
}
