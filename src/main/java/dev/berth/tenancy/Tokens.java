package dev.berth.tenancy;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.security.ApiToken;
import dev.berth.security.ApiTokens;
import dev.berth.security.Caller;
import dev.berth.security.Scope;
import dev.berth.security.TokenConfig;
import dev.berth.security.User;
import dev.berth.security.Users;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** The tokens by which people's programs use the API: each person's own, and for admins those of all. */
@ApplicationScoped
public class Tokens {
    private static final int LONGEST_NAME = 60;

    /**
     * A token that somebody wants.
     *
     * @param scopes their words
     * @param tenant the short name of the only tenant that it opens; empty or null for all of the person's
     * @param days how long it works; null for the configured time
     */
    public record Draft(String name, Collection<String> scopes, String tenant, Integer days) {}

    /**
     * A token as it is shown.
     *
     * @param tenant the short name of the only tenant that it opens; empty for all of the person's
     * @param expired whether it works no longer
     */
    public record Shown(ApiToken token, String tenant, boolean expired) {
        /** Its scopes' words, the least first. */
        public List<String> scopes() {
            return token.scopes().stream().sorted().map(Scope::word).toList();
        }
    }

    /** A new token, and its text, which is told this once. */
    public record Made(Shown token, String text) {}

    private final ApiTokens tokens;
    private final Tenants tenants;
    private final Users users;
    private final TokenConfig config;
    private final Audit audit;
    private final Clock clock;

    Tokens(ApiTokens tokens, Tenants tenants, Users users, TokenConfig config, Audit audit, Clock clock) {
        this.tokens = tokens;
        this.tenants = tenants;
        this.users = users;
        this.config = config;
        this.audit = audit;
        this.clock = clock;
    }

    /** How many days a token works unless its maker says otherwise. */
    public long days() {
        return config.life().toDays();
    }

    /** How many days it may work at most. */
    public long longestDays() {
        return config.longestLife().toDays();
    }

    /** The caller's own, the newest first; also those that expired within the last 30 days. */
    @Transactional
    public List<Shown> list(Caller caller) {
        return shown(tokens.of(caller.userId()));
    }

    /** A user's, for admins. */
    @Transactional
    public List<Shown> list(Caller caller, String username) {
        caller.requireSeesAll();
        return shown(tokens.of(user(username).id()));
    }

    @Transactional
    public Made create(Caller caller, Draft draft) {
        Tenant tenant = tenant(caller, draft.tenant());
        long days = draft.days() == null ? days() : draft.days();
        Checks checks = new Checks().line("name", draft.name(), LONGEST_NAME);
        Set<Scope> scopes = scopes(caller, draft.scopes(), tenant, checks);
        checks.range("days", days, 1, longestDays(), "days").throwIfAny();
        if (tokens.countForMore(caller.userId()) >= config.perUser()) {
            throw ProblemException.conflict(
                    "too-many-tokens",
                    "You have " + config.perUser() + " tokens, and that is the most. Revoke one that is not used.");
        }
        ApiTokens.Made made = tokens.create(
                caller.userId(),
                draft.name().strip(),
                scopes,
                tenant == null ? null : tenant.id(),
                clock.instant().plus(Duration.ofDays(days)));
        Shown shown = new Shown(made.token(), tenant == null ? "" : tenant.slug(), false);
        audit.record(caller, "token.create", subject(made.token()), facts(caller.username(), shown));
        return new Made(shown, made.text());
    }

    /** Ends one of the caller's own: the next call with it is refused. */
    @Transactional
    public void revoke(Caller caller, UUID id) {
        revoke(caller, caller.userId(), caller.username(), id);
    }

    /** Ends one of a user's, for admins. */
    @Transactional
    public void revoke(Caller caller, String username, UUID id) {
        caller.requireAdmin();
        User user = user(username);
        revoke(caller, user.id(), user.username(), id);
    }

    private void revoke(Caller caller, UUID userId, String username, UUID id) {
        ApiToken token = tokens.revoke(userId, id).orElseThrow(() -> ProblemException.notFound("token"));
        audit.record(
                caller,
                "token.revoke",
                subject(token),
                facts(username, shown(List.of(token)).get(0)));
    }

    private User user(String username) {
        return users.find(username).orElseThrow(() -> ProblemException.notFound("user"));
    }

    private Tenant tenant(Caller caller, String slug) {
        if (slug == null || slug.isBlank()) {
            return null;
        }
        return tenants.find(caller, slug)
                .filter(tenant -> caller.tenants().containsKey(tenant.id()))
                .orElseThrow(() -> ProblemException.invalid("tenant", "You don't belong to a team named so."));
    }

    /** A scope that opens nothing would only make believe. */
    private static Set<Scope> scopes(Caller caller, Collection<String> words, Tenant tenant, Checks checks) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (String word : words == null ? List.<String>of() : words) {
            checks.require(
                    "scopes",
                    Scope.of(word).map(scopes::add).isPresent(),
                    "Use some of read, machines, approve and admin.");
        }
        boolean admin = caller.admin() && tenant == null;
        boolean owns =
                tenant == null ? caller.tenants().keySet().stream().anyMatch(caller::owns) : caller.owns(tenant.id());
        checks.require("scopes", !scopes.isEmpty(), "Choose what it may be used for.")
                .require("scopes", !scopes.contains(Scope.ADMIN) || caller.admin(), "Only an admin may give admin.")
                .require(
                        "scopes",
                        !scopes.contains(Scope.ADMIN) || admin,
                        "A token for one team can't have admin. Take it for all teams, or leave admin out.")
                .require(
                        "scopes",
                        !scopes.contains(Scope.APPROVE) || admin || owns,
                        "Only an owner of the team or an admin may give approve.");
        return scopes;
    }

    private List<Shown> shown(List<ApiToken> list) {
        Map<UUID, Tenant> named = tenants.find(
                list.stream().map(ApiToken::tenantId).filter(Objects::nonNull).collect(Collectors.toSet()));
        return list.stream()
                .map(token -> new Shown(
                        token,
                        token.tenantId() == null
                                ? ""
                                : named.get(token.tenantId()).slug(),
                        !token.expiresAt().isAfter(clock.instant())))
                .toList();
    }

    private static Audit.Subject subject(ApiToken token) {
        return Audit.Subject.global("token", token.id(), token.name());
    }

    private static Map<String, Object> facts(String username, Shown shown) {
        Map<String, Object> facts = new HashMap<>();
        facts.put("user", username);
        facts.put("scopes", shown.scopes());
        facts.put("expires", shown.token().expiresAt().toString());
        if (!shown.tenant().isEmpty()) {
            facts.put("tenant", shown.tenant());
        }
        return facts;
    }
}
