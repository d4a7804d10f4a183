package dev.berth.security;

import io.quarkus.security.identity.SecurityIdentity;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What a request brought to prove who sends it.
 *
 * @param id the login's or the token's; empty for a password that was sent along
 * @param name the token's; empty for everything else
 * @param scopes what it may be used for
 * @param tenantId the only tenant whose things it opens, or null for all of the person's
 */
public record Credential(Kind kind, String id, String name, Set<Scope> scopes, UUID tenantId) {
    /** How the request proves it. */
    public enum Kind {
        /** A person who signed in, by the browser's cookie: see {@link Logins}. */
        LOGIN,
        /** User name and password (HTTP Basic), in local mode. */
        PASSWORD,
        /** A program's token. */
        TOKEN
    }

    static final String ATTRIBUTE = Credential.class.getName();

    public Credential {
        scopes = Set.copyOf(scopes);
    }

    public static Credential login(String id) {
        return new Credential(Kind.LOGIN, id, "", EnumSet.allOf(Scope.class), null);
    }

    public static Credential password() {
        return new Credential(Kind.PASSWORD, "", "", EnumSet.allOf(Scope.class), null);
    }

    public static Credential token(UUID id, String name, Set<Scope> scopes, UUID tenantId) {
        return new Credential(Kind.TOKEN, id.toString(), name, scopes, tenantId);
    }

    /** Empty for nobody. */
    public static Optional<Credential> of(SecurityIdentity identity) {
        return Optional.ofNullable(identity.getAttribute(ATTRIBUTE));
    }

    public boolean allows(Scope scope) {
        return scopes.contains(scope) || scope == Scope.READ;
    }

    /** Whether it opens what belongs to no tenant or to all. */
    boolean everywhere() {
        return tenantId == null;
    }
}
