package dev.berth.security;

import dev.berth.common.Problem;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.vertx.http.runtime.FormAuthConfig;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.HttpCredentialTransport;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.quarkus.vertx.http.security.Basic;
import io.quarkus.vertx.http.security.Form;
import io.quarkus.vertx.http.security.HttpSecurity;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Which door is where: HTTP Basic and a program's token open the API and nothing else, the login form's cookie
 * everything else and not the API. What is behind which door is in {@link RouteRules}.
 */
@ApplicationScoped
public class LocalDoors {
    private static final Logger LOG = Logger.getLogger(LocalDoors.class);
    private static final String COOKIE = "berth-session";
    private static final String LOGIN = "/login";
    static final String CONSOLE = "/api/v1/console";
    private static final int SHORTEST_KEY = 16;
    /** The form keeps where somebody wanted to go in a cookie, and fails on these (RFC 6265, 4.1.1). */
    private static final Pattern UNFIT_FOR_COOKIES = Pattern.compile("[^!#-+--:<-\\[\\]-~]");

    private final AuthConfig config;

    private final RouteRules rules;
    private final Logins logins;

    LocalDoors(AuthConfig config, RouteRules rules, Logins logins) {
        this.config = config;
        this.rules = rules;
        this.logins = logins;
    }

    void configure(@Observes HttpSecurity http) {
        http.path("/*").policy(rules);
        if (config.mode() != AuthConfig.Mode.LOCAL) {
            return;
        }
        http.mechanism(new Doors(Form.builder()
                .loginPage(LOGIN)
                .postLocation(LOGIN)
                .usernameParameter("username")
                .passwordParameter("password")
                .errorPage(LOGIN + "?error=1")
                .landingPage("/")
                .cookieName(COOKIE)
                .cookiePath("/")
                .httpOnlyCookie()
                .cookieSameSite(FormAuthConfig.CookieSameSite.LAX)
                .timeout(config.sessionTimeout())
                .newCookieInterval(Duration.ofMinutes(10))
                .encryptionKey(sessionKey())
                .build()));
    }

    private String sessionKey() {
        if (config.sessionKey().isPresent()) {
            return Secrets.strong("berth.auth.session-key", config.sessionKey().get(), SHORTEST_KEY);
        }
        LOG.info("No berth.auth.session-key: logins end when this process does");
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    void logout(@Observes Router router) {
        if (config.mode() != AuthConfig.Mode.LOCAL) {
            return;
        }
        router.post("/logout").blockingHandler(context -> {
            if (context.user() instanceof QuarkusHttpUser user) {
                end(user.getSecurityIdentity());
            }
            Cookie cookie = Cookie.cookie(COOKIE, "")
                    .setPath("/")
                    .setHttpOnly(true)
                    .setSameSite(CookieSameSite.LAX)
                    .setMaxAge(0);
            context.response()
                    .addCookie(cookie)
                    .setStatusCode(303)
                    .putHeader("Location", LOGIN)
                    .end();
        });
    }

    private void end(SecurityIdentity identity) {
        Users.of(identity)
                .ifPresent(user -> Credential.of(identity).ifPresent(login -> logins.end(user.id(), login.id())));
    }

    /** One mechanism that is another by path: none of them is ever asked about another's paths. */
    private record Doors(
            HttpAuthenticationMechanism form, HttpAuthenticationMechanism basic, HttpAuthenticationMechanism bearer)
            implements HttpAuthenticationMechanism {
        Doors(HttpAuthenticationMechanism form) {
            this(form, Basic.realm("Berth"), new Bearer());
        }

        private static boolean byBasic(RoutingContext context) {
            return Refusals.isApi(context) && !context.normalizedPath().equals(CONSOLE);
        }

        private HttpAuthenticationMechanism door(RoutingContext context) {
            return Bearer.brought(context) ? bearer : byBasic(context) ? basic : form;
        }

        private static boolean signsIn(RoutingContext context) {
            return context.request().method() == HttpMethod.POST
                    && context.normalizedPath().equals(LOGIN);
        }

        /** Vert.x fails on anything else. */
        private static boolean sendsForm(RoutingContext context) {
            String type = context.request().getHeader("Content-Type");
            return type != null && type.startsWith("application/x-www-form-urlencoded");
        }

        /** A wrong password is no password: so the refusal below is the one that is sent. */
        @Override
        public Uni<SecurityIdentity> authenticate(RoutingContext context, IdentityProviderManager identities) {
            if (Bearer.brought(context)) {
                return bearer.authenticate(context, identities);
            }
            if (signsIn(context) && !sendsForm(context)) {
                context.put(HttpAuthenticationMechanism.class.getName(), this);
                return Uni.createFrom().failure(new AuthenticationFailedException());
            }
            return byBasic(context)
                    ? basic.authenticate(context, identities)
                            .onFailure(AuthenticationFailedException.class)
                            .recoverWithItem(() -> {
                                // Basic has put itself down as the one to answer.
                                context.put(HttpAuthenticationMechanism.class.getName(), this);
                                return null;
                            })
                    : form.authenticate(context, identities)
                            .onFailure(AuthenticationFailedException.class)
                            .recoverWithUni(refused -> {
                                context.put(HttpAuthenticationMechanism.class.getName(), this);
                                return signsIn(context)
                                        ? Uni.createFrom().failure(refused)
                                        // The user of this cookie is gone or disabled: whoever brought it is nobody,
                                        // and the login page is for nobody.
                                        : Uni.createFrom().nullItem();
                            });
        }

        @Override
        public Uni<ChallengeData> getChallenge(RoutingContext context) {
            return door(context).getChallenge(context);
        }

        /** Basic's refusal is a problem that programs can read, and no redirect. */
        @Override
        public Uni<Boolean> sendChallenge(RoutingContext context) {
            if (Bearer.brought(context)) {
                return bearer.sendChallenge(context);
            }
            TooManyAttemptsException tooMany = context.get(LocalLogin.TOO_MANY);
            if (tooMany != null) {
                refuse(context, tooMany);
                return Uni.createFrom().item(true);
            }
            if (!byBasic(context)) {
                if (UNFIT_FOR_COOKIES.matcher(context.request().uri()).find()) {
                    context.response()
                            .setStatusCode(302)
                            .putHeader("Location", LOGIN)
                            .end();
                    return Uni.createFrom().item(true);
                }
                return form.sendChallenge(context);
            }
            Refusals.problem(
                    context,
                    Problem.signIn(),
                    headers -> headers.set("WWW-Authenticate", "Basic realm=\"Berth\", charset=\"UTF-8\""));
            return Uni.createFrom().item(true);
        }

        private static void refuse(RoutingContext context, TooManyAttemptsException tooMany) {
            if (byBasic(context)) {
                Refusals.tooMany(context, tooMany);
            } else {
                context.response()
                        .setStatusCode(302)
                        .putHeader("Location", LOGIN + "?error=wait")
                        .end();
            }
        }

        @Override
        public Uni<HttpCredentialTransport> getCredentialTransport(RoutingContext context) {
            return door(context).getCredentialTransport(context);
        }

        @Override
        public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
            return Stream.of(basic, form, bearer)
                    .flatMap(mechanism -> mechanism.getCredentialTypes().stream())
                    .collect(Collectors.toSet());
        }
    }
}
