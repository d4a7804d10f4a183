package dev.berth.security;

import io.quarkus.elytron.security.common.BcryptUtil;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.TrustedAuthenticationRequest;
import io.quarkus.security.identity.request.UsernamePasswordAuthenticationRequest;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Local mode's check of user name and password, for the login form and HTTP Basic. Hashes are bcrypt; since a program
 * sends its password with every call, a password that was right a moment ago is remembered by a keyed digest.
 */
@ApplicationScoped
public class LocalLogin implements IdentityProvider<UsernamePasswordAuthenticationRequest> {
    private static final int REMEMBERED = 1_000;
    /** A hash of nobody's password: an unknown user costs as much time as a wrong password. */
    private static final String DUMMY = BcryptUtil.bcryptHash("nobody");

    private final Users users;
    private final byte[] key = new byte[32];
    /** User name and digest of the password against the hash it was right for. */
    private final ConcurrentHashMap<String, String> remembered = new ConcurrentHashMap<>();

    LocalLogin(Users users) {
        this.users = users;
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
            if (!matches(username, new String(request.getPassword().getPassword()))) {
                throw new AuthenticationFailedException();
            }
            return identity(username);
        });
    }

    /** Whether this is the password of a user who may sign in. */
    public boolean matches(String username, String password) {
        // PostgreSQL's texts hold no NUL, so nobody is called that.
        Optional<String> hash = username.indexOf('\0') < 0 ? users.passwordHash(username) : Optional.empty();
        String digest = digest(username, password);
        if (hash.isPresent() && hash.get().equals(remembered.get(digest))) {
            return true;
        }
        if (!BcryptUtil.matches(password, hash.orElse(DUMMY)) || hash.isEmpty()) {
            return false;
        }
        if (remembered.size() >= REMEMBERED) {
            remembered.clear();
        }
        remembered.put(digest, hash.get());
        return true;
    }

    private String digest(String username, String password) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(key);
            sha.update(username.getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            return username
                    + ' '
                    + java.util.HexFormat.of().formatHex(sha.digest(password.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SecurityIdentity identity(String username) {
        return QuarkusSecurityIdentity.builder()
                .setPrincipal(new QuarkusPrincipal(username))
                .build();
    }

    /** The login form's cookie, which Quarkus has already decrypted: the user still has to exist and not be disabled. */
    @ApplicationScoped
    static class CookieLogin implements IdentityProvider<TrustedAuthenticationRequest> {
        private final Users users;

        CookieLogin(Users users) {
            this.users = users;
        }

        @Override
        public Class<TrustedAuthenticationRequest> getRequestType() {
            return TrustedAuthenticationRequest.class;
        }

        @Override
        public Uni<SecurityIdentity> authenticate(
                TrustedAuthenticationRequest request, AuthenticationRequestContext context) {
            return context.runBlocking(() -> users.findEnabled(request.getPrincipal())
                    .map(user -> identity(user.username()))
                    .orElseThrow(AuthenticationFailedException::new));
        }
    }
}
