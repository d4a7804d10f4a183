package dev.berth.security;

import dev.berth.common.SecretText;
import dev.berth.common.Sha256;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Programs' tokens, as they are stored: a token is 32 random bytes behind a mark that scanners for secrets know, and
 * only its SHA-256 is kept. Who may make which, with which trace, is the business of {@code dev.berth.tenancy.Tokens}.
 */
@ApplicationScoped
public class ApiTokens {
    /** How exactly it is known when a token was last used: each call would write it else. */
    public static final Duration PRECISION = Duration.ofMinutes(1);

    static final String MARK = "berth_";

    private static final Pattern SHAPE = Pattern.compile(MARK + "[A-Za-z0-9_-]{43}");
    /** How long one that has ended is shown as such. */
    private static final Duration REMEMBERED = Duration.ofDays(30);

    @ApplicationScoped
    static class TokenRepository implements PanacheRepositoryBase<ApiTokenEntity, UUID> {}

    /** A new token and its text, which nobody can be shown again. */
    public record Made(ApiToken token, String text) {}

    private final TokenRepository tokens;
    private final Users users;
    private final Clock clock;

    ApiTokens(TokenRepository tokens, Users users, Clock clock) {
        this.tokens = tokens;
        this.users = users;
        this.clock = clock;
    }

    /** Whether it looks like one of ours; no other text can be one. */
    static boolean shaped(String text) {
        return SHAPE.matcher(text).matches();
    }

    /** The person's that can still be used, and those that have expired not long ago; the newest first. */
    @Transactional
    public List<ApiToken> of(UUID userId) {
        return tokens
                .find(
                        "userId = ?1 and revokedAt is null and expiresAt > ?2 order by createdAt desc, id",
                        userId,
                        clock.instant().minus(REMEMBERED))
                .stream()
                .map(ApiTokenEntity::toToken)
                .toList();
    }

    /** How many of the person's can be used. Until the end of the transaction nobody else makes one for the person. */
    @Transactional(Transactional.TxType.MANDATORY)
    public long countForMore(UUID userId) {
        tokens.getEntityManager().find(UserEntity.class, userId, LockModeType.PESSIMISTIC_WRITE);
        return tokens.count("userId = ?1 and revokedAt is null and expiresAt > ?2", userId, clock.instant());
    }

    /** @param tenantId the only tenant that it opens, or null for all of the person's */
    @Transactional(Transactional.TxType.MANDATORY)
    public Made create(UUID userId, String name, Set<Scope> scopes, UUID tenantId, Instant expiresAt) {
        String text = MARK + SecretText.make();
        ApiTokenEntity token = new ApiTokenEntity();
        token.id = UUID.randomUUID();
        token.userId = userId;
        token.name = name;
        token.digest = Sha256.hex(text);
        token.scopes = ApiTokenEntity.text(scopes);
        token.tenantId = tenantId;
        token.createdAt = clock.instant();
        token.expiresAt = expiresAt;
        tokens.persist(token);
        return new Made(token.toToken(), text);
    }

    /** Ends a token of this person's, and says which it was; empty when it is none, or has ended. */
    @Transactional(Transactional.TxType.MANDATORY)
    public Optional<ApiToken> revoke(UUID userId, UUID id) {
        Optional<ApiTokenEntity> token = tokens.find("id = ?1 and userId = ?2 and revokedAt is null", id, userId)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResultOptional();
        token.ifPresent(found -> found.revokedAt = clock.instant());
        return token.map(ApiTokenEntity::toToken);
    }

    /** Whoever this token stands for; empty for none, one that has ended, and one of a user who may not sign in. */
    @Transactional
    Optional<SecurityIdentity> open(String text) {
        Instant now = clock.instant();
        Optional<ApiTokenEntity> token = tokens.find(
                        "digest = ?1 and revokedAt is null and expiresAt > ?2", Sha256.hex(text), now)
                .firstResultOptional();
        Optional<User> user = token.flatMap(found -> users.byId(found.userId)).filter(found -> !found.disabled());
        user.ifPresent(found -> used(token.get(), now));
        return user.map(found -> Users.identity(found, token.get().toCredential()));
    }

    private void used(ApiTokenEntity token, Instant now) {
        if (token.usedAt == null || token.usedAt.isBefore(now.minus(PRECISION))) {
            // Not through the entity: two calls at once are no conflict.
            tokens.update("usedAt = ?1 where id = ?2 and (usedAt is null or usedAt < ?1)", now, token.id);
        }
    }
}
