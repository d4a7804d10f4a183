package dev.berth.tenancy;

import dev.berth.security.AuthConfig;
import dev.berth.security.Caller;
import dev.berth.security.Credential;
import dev.berth.security.Credentials;
import dev.berth.security.TenantRole;
import dev.berth.security.User;
import dev.berth.security.Users;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What people and programs may do by now who hold something open: a console, an event stream. A request asks once and
 * is over; these are asked about again and again, all at once, by a few queries however many they are.
 */
@ApplicationScoped
public class Standing {
    /** With a provider, a login that was not seen for this long is taken for ended: nobody tells of the end of each. */
    static final Duration PROVIDED = Duration.ofSeconds(60);

    private static final Duration ANY = Duration.ofDays(36_500);

    /** Who holds something open, and by what. */
    public record Holder(UUID userId, Credential credential, String source) {}

    private final Users users;
    private final Credentials credentials;
    private final Tenants.MembershipRepository memberships;
    private final AuthConfig auth;

    Standing(Users users, Credentials credentials, Tenants.MembershipRepository memberships, AuthConfig auth) {
        this.users = users;
        this.credentials = credentials;
        this.memberships = memberships;
        this.auth = auth;
    }

    /** Whether a provider says who is signed in. */
    public boolean provided() {
        return auth.mode() == AuthConfig.Mode.OIDC;
    }

    /** What each may see. Who is missing may nothing more: disabled, signed out, its token revoked. */
    @Transactional
    public Map<Holder, Caller> watching(Collection<Holder> holders) {
        return of(holders, true);
    }

    /** What each may do. */
    @Transactional
    public Map<Holder, Caller> working(Collection<Holder> holders) {
        return of(holders, false);
    }

    private Map<Holder, Caller> of(Collection<Holder> holders, boolean reads) {
        Map<Holder, Caller> found = new HashMap<>();
        if (holders.isEmpty()) {
            return found;
        }
        Set<Credential> good =
                credentials.holding(holders.stream().map(Holder::credential).toList(), provided() ? PROVIDED : ANY);
        List<UUID> ids = holders.stream().map(Holder::userId).distinct().toList();
        Map<UUID, User> people = new HashMap<>();
        users.byIds(ids).stream().filter(user -> !user.disabled()).forEach(user -> people.put(user.id(), user));
        Map<UUID, Map<UUID, TenantRole>> roles = new HashMap<>();
        memberships.list("userId in ?1", ids).forEach(row -> roles.computeIfAbsent(row.userId, x -> new HashMap<>())
                .put(row.tenantId, row.role));
        for (Holder holder : holders) {
            User user = people.get(holder.userId());
            if (user != null && good.contains(holder.credential())) {
                Map<UUID, TenantRole> mine = roles.getOrDefault(user.id(), Map.of());
                found.put(holder, Caller.of(user, mine, holder.credential(), reads, holder.source()));
            }
        }
        return found;
    }
}
