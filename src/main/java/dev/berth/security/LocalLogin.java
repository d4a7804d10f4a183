package dev.berth.security;

import io.quarkus.elytron.security.common.BcryptUtil;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.TrustedAuthenticationRequest;
import io.quarkus.security.identity.request.UsernamePasswordAuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.HttpSecurityUtils;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Local mode's check of user name and password, for the login form and HTTP Basic. Hashes are bcrypt; since a program
 * sends its password with every call, a password that was right a moment ago is remembered by a keyed digest, together
 * with the hash that it was right for: a new password or a disabled user is a change of that hash, and holds at once.
 */
@ApplicationScoped
public class LocalLogin implements IdentityProvider<UsernamePasswordAuthenticationRequest> {
    /** Where a request keeps why its password was not looked at, for the answer. */
    static final String TOO_MANY = TooManyAttemptsException.class.getName();

    /** Between user name and login in a cookie; no user name has it. */
    private static final char SEPARATOR = ' ';

    private static final int REMEMBERED = 1_000;
    private static final Duration REMEMBERED_FOR = Duration.ofMinutes(1);
    private static final int LOCKS = 64;

    /**
     * A hash of nobody's password: an unknown user costs as much time as a wrong password. In a class of its own, so
     * that it is made when it is first needed and not while the first page is waited for.
     */
    private static final class Nobody {
        static final String HASH = BcryptUtil.bcryptHash("nobody");
    }

    private record Right(String hash, Instant until) {}

    private final Users users;
    private final LoginAttempts attempts;
    private final Logins logins;
    private final Clock clock;
    private final byte[] key = new byte[32];
    /** By digest of user name and password. */
    private final ConcurrentHashMap<String, Right> remembered = new ConcurrentHashMap<>();

    private final List<Object> locks = Stream.generate(Object::new).limit(LOCKS).toList();

    LocalLogin(Users users, LoginAttempts attempts, Logins logins, Clock clock) {
        this.users = users;
        this.attempts = attempts;
        this.logins = logins;
        this.clock = clock;
        new SecureRandom().nextBytes(key);
    }

    @Override
    public Class<UsernamePasswordAuthenticationRequest> getRequestType() {
        return UsernamePasswordAuthenticationRequest.class;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(
            UsernamePasswordAuthenticationRequest request, AuthenticationRequestContext context) {
        return context.runBlocking(() -> {
            String username = request.getUsername();
            RoutingContext http = HttpSecurityUtils.getRoutingContextAttribute(request);
            try {
                // PostgreSQL's texts hold no NUL, so nobody is called that.
                Optional<Users.Credentials> found =
                        username.indexOf('\0') < 0 ? users.credentials(username) : Optional.empty();
                String password = new String(request.getPassword().getPassword());
                if (matches(username, password, found.map(Users.Credentials::passwordHash), RemoteAddress.of(http))) {
                    return signedIn(found.orElseThrow().user(), http);
                }
            } catch (TooManyAttemptsException e) {
                if (http != null) {
                    http.put(TOO_MANY, e);
                }
            }
            throw new AuthenticationFailedException();
        });
    }

    /** The form makes a login, whose cookie carries the principal's name: the user's, and the login's id. */
    private SecurityIdentity signedIn(User user, RoutingContext http) {
        if (http == null || Refusals.isApi(http)) {
            return Users.identity(user, Credential.password());
        }
        String id =
                logins.begin(user.id(), RemoteAddress.of(http), http.request().getHeader("User-Agent"), null);
        return Users.identity(user, Credential.login(id), user.username() + SEPARATOR + id);
    }

    /**
     * Whether this is the password of a user who may sign in.
     *
     * @param address where it came from
     * @throws TooManyAttemptsException when it is not even looked at
     */
    public boolean matches(String username, String password, String address) {
        return matches(username, password, users.credentials(username).map(Users.Credentials::passwordHash), address);
    }

    private boolean matches(String username, String password, Optional<String> hash, String address) {
        String digest = digest(username, password);
        if (remembers(digest, hash)) {
            return true;
        }
        // A program that begins with many calls at once has its password looked at once.
        synchronized (locks.get(Math.floorMod(digest.hashCode(), LOCKS))) {
            if (remembers(digest, hash)) {
                return true;
            }
            attempts.take(username, address);
            if (!BcryptUtil.matches(password, hash.orElseGet(() -> Nobody.HASH)) || hash.isEmpty()) {
                return false;
            }
            attempts.giveBack(username, address);
            remember(digest, hash.get());
            return true;
        }
    }

    private boolean remembers(String digest, Optional<String> hash) {
        Right right = remembered.get(digest);
        return right != null
                && right.until().isAfter(clock.instant())
                && hash.filter(right.hash()::equals).isPresent();
    }

    private void remember(String digest, String hash) {
        Instant now = clock.instant();
        if (remembered.size() >= REMEMBERED) {
            remembered.values().removeIf(right -> !right.until().isAfter(now));
        }
        if (remembered.size() >= REMEMBERED) {
            remembered.clear();
        }
        remembered.put(digest, new Right(hash, now.plus(REMEMBERED_FOR)));
    }

    private String digest(String username, String password) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(key);
            sha.update(username.getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            return HexFormat.of().formatHex(sha.digest(password.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The login form's cookie, which Quarkus has already decrypted: login and user still have to be good. */
    @ApplicationScoped
    static class CookieLogin implements IdentityProvider<TrustedAuthenticationRequest> {
        private final Users users;
        private final Logins logins;

        CookieLogin(Users users, Logins logins) {
            this.users = users;
            this.logins = logins;
        }

        @Override
        public Class<TrustedAuthenticationRequest> getRequestType() {
            return TrustedAuthenticationRequest.class;
        }

        @Override
        public Uni<SecurityIdentity> authenticate(
                TrustedAuthenticationRequest request, AuthenticationRequestContext context) {
            return context.runBlocking(() -> {
                String name = request.getPrincipal();
                String id = name.substring(name.indexOf(SEPARATOR) + 1);
                return logins.user(id)
                        .flatMap(users::byId)
                        .filter(user -> !user.disabled())
                        .map(user -> Users.identity(user, Credential.login(id), name))
                        .orElseThrow(AuthenticationFailedException::new);
            });
        }
    }
}
