package dev.berth.security;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** Whether credentials still hold, for what stays open longer than the request that brought them. */
@ApplicationScoped
public class Credentials {
    private final EntityManager em;
    private final AuthConfig config;
    private final Clock clock;

    Credentials(EntityManager em, AuthConfig config, Clock clock) {
        this.em = em;
        this.config = config;
        this.clock = clock;
    }

    /**
     * Those of these that hold: logins that have not ended, tokens that were neither revoked nor have expired. One query
     * for each kind. A password that was sent along holds as long as its account.
     *
     * @param seenWithin how lately a login has to have been used; a cookie that was not for the session's timeout is
     *     worth nothing by itself
     */
    @Transactional
    public Set<Credential> holding(Collection<Credential> credentials, Duration seenWithin) {
        Set<String> good = new HashSet<>(logins(ids(credentials, Credential.Kind.LOGIN), seenWithin));
        good.addAll(tokens(ids(credentials, Credential.Kind.TOKEN)));
        return credentials.stream()
                .filter(credential -> credential.kind() == Credential.Kind.PASSWORD || good.contains(credential.id()))
                .collect(Collectors.toSet());
    }

    private static List<String> ids(Collection<Credential> credentials, Credential.Kind kind) {
        return credentials.stream()
                .filter(credential -> credential.kind() == kind)
                .map(Credential::id)
                .distinct()
                .toList();
    }

    private List<String> logins(List<String> ids, Duration seenWithin) {
        if (ids.isEmpty()) {
            return List.of();
        }
        Duration limit = seenWithin.compareTo(config.sessionTimeout()) < 0 ? seenWithin : config.sessionTimeout();
        Instant since = clock.instant().minus(limit);
        return em.createQuery(
                        "select id from LoginEntity where id in :ids and endedAt is null and seenAt > :since",
                        String.class)
                .setParameter("ids", ids)
                .setParameter("since", since)
                .getResultList();
    }

    private List<String> tokens(List<String> ids) {
        if (ids.isEmpty()) {
            return List.of();
        }
        return em
                .createQuery(
                        "select id from ApiTokenEntity where id in :ids and revokedAt is null and expiresAt > :now",
                        UUID.class)
                .setParameter("ids", ids.stream().map(UUID::fromString).toList())
                .setParameter("now", clock.instant())
                .getResultList()
                .stream()
                .map(String::valueOf)
                .toList();
    }
}
