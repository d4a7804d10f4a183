package dev.berth.security;

import io.quarkus.oidc.IdTokenCredential;
import io.quarkus.oidc.UserInfo;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.SecurityIdentityAugmentor;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.ByteArrayInputStream;
import java.util.Base64;

/** From whom the provider vouches for to a person here: the account, its rights as they are now, and the login. */
@ApplicationScoped
class ProviderLogin implements SecurityIdentityAugmentor {
    private static final String USER_INFO = "userinfo";
    private static final String SHUT_OUT = ProviderLogin.class.getName();

    private final ProviderClaims claims;
    private final ProviderAccounts accounts;
    private final Logins logins;

    ProviderLogin(ProviderClaims claims, ProviderAccounts accounts, Logins logins) {
        this.claims = claims;
        this.accounts = accounts;
        this.logins = logins;
    }

    /** Whether the provider knows them and Berth has disabled their account. */
    static boolean isShutOut(SecurityIdentity identity) {
        return Boolean.TRUE.equals(identity.getAttribute(SHUT_OUT));
    }

    @Override
    public Uni<SecurityIdentity> augment(SecurityIdentity identity, AuthenticationRequestContext context) {
        IdTokenCredential token = identity.getCredential(IdTokenCredential.class);
        RoutingContext http = identity.getAttribute(RoutingContext.class.getName());
        return token == null || http == null
                ? Uni.createFrom().item(identity)
                : context.runBlocking(() -> person(identity, claims(token.getToken()), http));
    }

    private SecurityIdentity person(SecurityIdentity identity, JsonObject token, RoutingContext http) {
        UserInfo userInfo = identity.getAttribute(USER_INFO);
        JsonObject said = userInfo == null ? JsonObject.EMPTY_JSON_OBJECT : userInfo.getJsonObject();
        String issuer = token.getString("iss");
        String subject = token.getString("sub");
        // OpenID Connect Core, 5.3.2: else the answer is somebody else's.
        if (userInfo != null && !subject.equals(said.getString("sub", ""))) {
            throw new AuthenticationFailedException("UserInfo is of another person than the ID token");
        }
        User user = accounts.account(claims.person(issuer, subject, token, said));
        QuarkusSecurityIdentity.Builder builder = QuarkusSecurityIdentity.builder(identity);
        if (user.disabled()) {
            return builder.addAttribute(SHUT_OUT, true).build();
        }
        String login = ProviderSession.login(http);
        if (login == null) {
            login = logins.begin(
                    user.id(),
                    RemoteAddress.of(http),
                    http.request().getHeader("User-Agent"),
                    session(issuer, token.getString("sid", "")));
            ProviderSession.begun(http, login);
        } else if (logins.user(login).filter(user.id()::equals).isEmpty()) {
            // It has ended: nobody, whose cookie is forgotten.
            return identity;
        }
        return Users.add(builder, user, Credential.login(login)).build();
    }

    /** How a session at the provider is named here; null for one without a name. */
    static String session(String issuer, String id) {
        return id.isEmpty() ? null : dev.berth.common.Sha256.hex(issuer + "\n" + id);
    }

    /** What a token says, which somebody else has checked. */
    static JsonObject claims(String token) {
        byte[] json = Base64.getUrlDecoder().decode(token.split("\\.")[1]);
        try (JsonReader reader = Json.createReader(new ByteArrayInputStream(json))) {
            return reader.readObject();
        }
    }
}
