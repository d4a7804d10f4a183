package dev.berth.security;

import dev.berth.common.Problem;
import dev.berth.common.Sha256;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.security.identity.request.BaseAuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.HttpCredentialTransport;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The door for programs: a token of Berth's own as {@code Authorization: Bearer} (RFC 6750), on the API and nowhere
 * else. A token that is wrong, expired or revoked lets nobody in, whatever else the request brings.
 */
public final class Bearer implements HttpAuthenticationMechanism {
    private static final String SCHEME = "Bearer";
    private static final String CHALLENGE = "Bearer realm=\"Berth\", error=\"invalid_token\"";

    /** Whether the request brought a token, of whatever kind; {@link #isOurs} tells ours from a provider's. */
    public static boolean brought(RoutingContext context) {
        return Refusals.isApi(context)
                && !context.normalizedPath().equals(LocalDoors.CONSOLE)
                && token(context) != null;
    }

    /** Whether the token that the request brought says that it is one of Berth's. */
    public static boolean isOurs(RoutingContext context) {
        return brought(context) && token(context).startsWith(ApiTokens.MARK);
    }

    /** Empty for the word alone; null where there is no such header. */
    private static String token(RoutingContext context) {
        String[] words = Objects.requireNonNullElse(context.request().getHeader("Authorization"), "")
                .strip()
                .split(" +", 2);
        return words[0].equalsIgnoreCase(SCHEME) ? words.length == 1 ? "" : words[1] : null;
    }

    /** A wrong token is none: so the refusal below is the one that is sent. */
    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext context, IdentityProviderManager identities) {
        context.put(HttpAuthenticationMechanism.class.getName(), this);
        String token = token(context);
        if (!ApiTokens.shaped(token)) {
            return Uni.createFrom().nullItem();
        }
        return identities
                .authenticate(new Request(token, context))
                .onFailure(AuthenticationFailedException.class)
                .recoverWithNull();
    }

    @Override
    public Uni<Boolean> sendChallenge(RoutingContext context) {
        TooManyAttemptsException tooMany = context.get(LocalLogin.TOO_MANY);
        if (tooMany == null) {
            Refusals.problem(
                    context,
                    Problem.of(
                            401,
                            "invalid-token",
                            "This token is wrong, has expired or was revoked. Make a new one under Account, Tokens."),
                    headers -> headers.set("WWW-Authenticate", CHALLENGE));
        } else {
            Refusals.tooMany(context, tooMany);
        }
        return Uni.createFrom().item(true);
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext context) {
        return Uni.createFrom().item(new ChallengeData(401, "WWW-Authenticate", CHALLENGE));
    }

    @Override
    public Uni<HttpCredentialTransport> getCredentialTransport(RoutingContext context) {
        return Uni.createFrom().item(new HttpCredentialTransport(HttpCredentialTransport.Type.AUTHORIZATION, "bearer"));
    }

    @Override
    public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
        return Set.of(Request.class);
    }

    /** A token that has the shape of one. */
    static final class Request extends BaseAuthenticationRequest {
        private final String token;
        private final RoutingContext http;

        Request(String token, RoutingContext http) {
            this.token = token;
            this.http = http;
        }
    }

    /**
     * Looks a token up, each time: a revoked one is worth nothing at once. After too many wrong ones from an address
     * none from there is looked up for a while, but for those that were right a moment ago.
     */
    @ApplicationScoped
    static class Provider implements IdentityProvider<Request> {
        private static final int REMEMBERED = 1_000;
        private static final Duration REMEMBERED_FOR = Duration.ofMinutes(1);

        private final ApiTokens tokens;
        private final LoginAttempts attempts;
        private final Clock clock;
        /** Until when a token counts as right a moment ago, by its digest. */
        private final Map<String, Instant> right = new LinkedHashMap<>(64, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
                return size() > REMEMBERED;
            }
        };

        Provider(ApiTokens tokens, LoginAttempts attempts, Clock clock) {
            this.tokens = tokens;
            this.attempts = attempts;
            this.clock = clock;
        }

        @Override
        public Class<Request> getRequestType() {
            return Request.class;
        }

        @Override
        public Uni<SecurityIdentity> authenticate(Request request, AuthenticationRequestContext context) {
            return context.runBlocking(() -> look(request).orElseThrow(AuthenticationFailedException::new));
        }

        private Optional<SecurityIdentity> look(Request request) {
            String address = RemoteAddress.of(request.http);
            String digest = Sha256.hex(request.token);
            try {
                if (!wasRight(digest)) {
                    attempts.look(address);
                }
            } catch (TooManyAttemptsException e) {
                request.http.put(LocalLogin.TOO_MANY, e);
                return Optional.empty();
            }
            Optional<SecurityIdentity> found = tokens.open(request.token);
            if (found.isPresent()) {
                remember(digest);
            } else {
                attempts.wrongToken(address);
            }
            return found;
        }

        private synchronized boolean wasRight(String digest) {
            Instant until = right.get(digest);
            return until != null && until.isAfter(clock.instant());
        }

        private synchronized void remember(String digest) {
            right.put(digest, clock.instant().plus(REMEMBERED_FOR));
        }
    }
}
