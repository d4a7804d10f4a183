package dev.berth.security;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

@Entity
@Table(name = "api_token")
class ApiTokenEntity {
    private static final String COMMA = ",";

    @Id
    UUID id;

    UUID userId;
    String name;
    String digest;
    String scopes;
    UUID tenantId;
    Instant createdAt;
    Instant expiresAt;
    Instant usedAt;
    Instant revokedAt;

    static String text(Set<Scope> scopes) {
        return scopes.stream().sorted().map(Scope::word).collect(Collectors.joining(COMMA));
    }

    ApiToken toToken() {
        return new ApiToken(id, userId, name, scopeSet(), tenantId, createdAt, expiresAt, usedAt);
    }

    Credential toCredential() {
        return Credential.token(id, name, scopeSet(), tenantId);
    }

    /** A scope that is no longer one opens nothing. */
    private Set<Scope> scopeSet() {
        return Arrays.stream(scopes.split(COMMA))
                .flatMap(word -> Scope.of(word).stream())
                .collect(Collectors.toSet());
    }
}
