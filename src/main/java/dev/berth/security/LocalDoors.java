package dev.berth.security;

import dev.berth.common.Problem;
import io.quarkus.vertx.http.runtime.FormAuthConfig;
import io.quarkus.vertx.http.runtime.security.BasicAuthenticationMechanism;
import io.quarkus.vertx.http.security.Form;
import io.quarkus.vertx.http.security.HttpSecurity;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import org.jboss.logging.Logger;

/**
 * Which door is where. Everything needs a login but what is needed to get one: HTTP Basic opens the API and nothing
 * else, the login form's cookie everything else and not the API.
 */
@ApplicationScoped
public class LocalDoors {
    private static final Logger LOG = Logger.getLogger(LocalDoors.class);
    private static final String COOKIE = "berth-session";
    private static final String LOGIN = "/login";
    private static final int SHORTEST_KEY = 16;

    private final AuthConfig config;

    LocalDoors(AuthConfig config) {
        this.config = config;
    }

    void configure(@Observes HttpSecurity http) {
        http.mechanism(new ApiBasic());
        http.mechanism(Form.builder()
                .loginPage(LOGIN)
                .postLocation(LOGIN)
                .errorPage(LOGIN)
                .errorPageQueryParameters("error")
                .landingPage("/")
                .cookieName(COOKIE)
                .cookiePath("/")
                .httpOnlyCookie()
                .cookieSameSite(FormAuthConfig.CookieSameSite.LAX)
                .timeout(config.sessionTimeout())
                .newCookieInterval(Duration.ofMinutes(10))
                .encryptionKey(sessionKey())
                .build());
        http.path("/q/health", "/q/health/*", "/q/metrics", "/q/openapi").permit();
        http.path("/css/*", "/js/*", "/icons/*", "/vendor/*", "/webjars/*", "/favicon.ico", "/robots.txt")
                .permit();
        // Between processes: each endpoint there has a check of its own.
        http.path("/internal/*").permit();
        // A ticket opens it. Browsers bring their login as well, and then it has to be the ticket's user's.
        http.path("/api/v1/console").authenticatedWith("form").permit();
        http.path(LOGIN, "/theme").authenticatedWith("form").permit();
        http.path("/api", "/api/*").authenticatedWith("basic").authenticated();
        http.path("/*").authenticatedWith("form").authenticated();
    }

    private String sessionKey() {
        if (config.sessionKey().isPresent()) {
            String key = config.sessionKey().get();
            if (key.length() < SHORTEST_KEY) {
                throw new IllegalStateException(
                        "berth.auth.session-key is too short: use at least " + SHORTEST_KEY + " characters");
            }
            return key;
        }
        LOG.info("No berth.auth.session-key: logins end when this process does");
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    void logout(@Observes Router router) {
        router.post("/logout").handler(context -> {
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

    /** HTTP Basic whose refusal is a problem that programs can read. */
    private static final class ApiBasic extends BasicAuthenticationMechanism {
        ApiBasic() {
            super("Berth", false);
        }

        @Override
        public Uni<Boolean> sendChallenge(RoutingContext context) {
            Refusals.problem(
                    context,
                    Problem.signIn(),
                    headers -> headers.set("WWW-Authenticate", "Basic realm=\"Berth\", charset=\"UTF-8\""));
            return Uni.createFrom().item(true);
        }
    }
}
