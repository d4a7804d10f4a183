package dev.berth.security;

import dev.berth.common.Problem;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.security.HttpSecurityPolicy;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The one gate: what each route needs, for pages, API, event streams and downloads alike. It judges who calls; whose
 * things are called for is judged where they are looked up, through the {@link Caller}, and what is not the caller's is
 * not found. What no rule speaks of is closed to everybody: to the signed in it is not there, whatever would serve it.
 */
@ApplicationScoped
public class RouteRules implements HttpSecurityPolicy {
    /**
     * One rule.
     *
     * @param path a pattern: {@code *} stands for one segment, {@code **} at the end for any number, also none
     * @param reads what safe methods need
     * @param writes what all others need; null when there are none
     */
    public record Rule(String path, Need reads, Need writes) {
        private static Pattern pattern(String path) {
            String regex = path.endsWith("/**") ? path.substring(0, path.length() - 3) : path;
            regex = Pattern.quote(regex).replace("*", "\\E[^/]+\\Q");
            return Pattern.compile(path.endsWith("/**") ? regex + "(/.*)?" : regex);
        }
    }

    private record Compiled(Pattern pattern, Rule rule) {}

    private static final String V1 = "/api/v1";
    private static final String DISABLED = "Your account here is disabled. Ask an admin of Berth.";

    /** The first that fits holds. */
    private static final List<Rule> RULES = List.of(
            new Rule("/q/health/**", Need.NOTHING, null),
            new Rule("/q/metrics", Need.NOTHING, null),
            new Rule("/q/openapi", Need.NOTHING, null),
            new Rule("/css/**", Need.NOTHING, null),
            new Rule("/js/**", Need.NOTHING, null),
            new Rule("/icons/**", Need.NOTHING, null),
            new Rule("/vendor/**", Need.NOTHING, null),
            new Rule("/webjars/**", Need.NOTHING, null),
            new Rule("/favicon.ico", Need.NOTHING, null),
            new Rule("/robots.txt", Need.NOTHING, null),
            new Rule("/login", Need.NOTHING, Need.NOTHING),
            new Rule("/login/done", Need.READ, null),
            new Rule("/signed-out", Need.NOTHING, null),
            // The provider says who has left: by a signed token, or by the name of a session that it alone gave.
            new Rule("/logout/back-channel", null, Need.OWN_PROOF),
            new Rule("/logout/front-channel", Need.OWN_PROOF, null),
            new Rule("/theme", Need.NOTHING, Need.NOTHING),
            // Between processes: each endpoint there checks a signature.
            new Rule("/internal/**", Need.OWN_PROOF, Need.OWN_PROOF),
            // A secret in the address opens it.
            new Rule("/calendar/*", Need.OWN_PROOF, null),
            // A ticket opens it. Browsers bring their login as well, and then it has to be the ticket's.
            new Rule(V1 + "/console", Need.OWN_PROOF, null),

            // Pages
            new Rule("/", Need.READ, null),
            new Rule("/logout", null, Need.PERSON),
            new Rule("/account/**", Need.PERSON, Need.PERSON),
            new Rule("/keys/**", Need.READ, Need.PERSON),
            new Rule("/notices/**", Need.READ, Need.PERSON),
            new Rule("/live", Need.READ, null),
            new Rule("/inbox/**", Need.READ, Need.APPROVE),
            new Rule("/admin/**", Need.OVERSIGHT, Need.ADMIN),
            new Rule("/t/*/machines/*/pin", null, Need.ADMIN),
            new Rule("/t/*/machines/*/unpin", null, Need.ADMIN),
            new Rule("/t/*/members/**", Need.READ, Need.APPROVE),
            new Rule("/t/*/quota/shares", null, Need.APPROVE),
            new Rule("/t/*/webhooks/**", Need.READ, Need.APPROVE),
            new Rule("/t/*/**", Need.READ, Need.MACHINES),

            // API: of a person
            new Rule(V1 + "/me/**", Need.READ, Need.PERSON),
            new Rule(V1 + "/tokens/**", Need.EVERYWHERE, Need.PERSON),
            new Rule(V1 + "/ssh-keys/**", Need.READ, Need.PERSON),
            new Rule(V1 + "/notices/**", Need.EVERYWHERE, Need.PERSON),
            new Rule(V1 + "/notice-switches", Need.READ, Need.PERSON),
            // of a tenant
            new Rule(V1 + "/machines/*/pin", null, Need.ADMIN),
            new Rule(V1 + "/machines/*/unpin", null, Need.ADMIN),
            new Rule(V1 + "/machines/**", Need.READ, Need.MACHINES),
            new Rule(V1 + "/disks/**", Need.READ, Need.MACHINES),
            new Rule(V1 + "/requests/*/accept", null, Need.MACHINES),
            new Rule(V1 + "/requests/*/answer", null, Need.MACHINES),
            new Rule(V1 + "/requests/*/withdraw", null, Need.MACHINES),
            new Rule(V1 + "/requests/**", Need.READ, Need.APPROVE),
            new Rule(V1 + "/webhooks/**", Need.READ, Need.APPROVE),
            new Rule(V1 + "/tenants", Need.READ, Need.ADMIN),
            new Rule(V1 + "/tenants/*/requests", Need.READ, Need.MACHINES),
            new Rule(V1 + "/tenants/*/quota/requests", null, Need.MACHINES),
            new Rule(V1 + "/tenants/*/quota", Need.READ, Need.ADMIN),
            new Rule(V1 + "/tenants/*/plan", null, Need.ADMIN),
            new Rule(V1 + "/tenants/**", Need.READ, Need.APPROVE),
            // what everybody chooses from, and admins keep
            new Rule(V1 + "/network-kinds", Need.READ, null),
            new Rule(V1 + "/storage-kinds", Need.READ, null),
            new Rule(V1 + "/sizes/**", Need.READ, Need.ADMIN),
            new Rule(V1 + "/templates/**", Need.READ, Need.ADMIN),
            new Rule(V1 + "/images/*/dependents", Need.OVERSIGHT, null),
            new Rule(V1 + "/images/**", Need.READ, Need.ADMIN),
            new Rule(V1 + "/network-profiles/*/limits/**", Need.OVERSIGHT, Need.ADMIN),
            new Rule(V1 + "/network-profiles/*/macs.csv", Need.OVERSIGHT, null),
            new Rule(V1 + "/network-profiles/**", Need.READ, Need.ADMIN),
            new Rule(V1 + "/storage-profiles/*/limits/**", Need.OVERSIGHT, Need.ADMIN),
            new Rule(V1 + "/storage-profiles/*/devices/**", Need.OVERSIGHT, Need.ADMIN),
            new Rule(V1 + "/storage-profiles/**", Need.READ, Need.ADMIN),
            new Rule(V1 + "/usage", Need.READ, null),
            new Rule(V1 + "/usage/prices", Need.READ, Need.ADMIN),
            // what admins run; a person's own address is theirs to set
            new Rule(V1 + "/users/*/email", null, Need.PERSON),
            new Rule(V1 + "/**", Need.OVERSIGHT, Need.ADMIN));

    private static final List<Compiled> COMPILED = RULES.stream()
            .map(rule -> new Compiled(Rule.pattern(rule.path()), rule))
            .toList();

    /** All of them, in the order in which they are asked. */
    public static List<Rule> all() {
        return RULES;
    }

    /** The rule that holds for this path. */
    public static Optional<Rule> rule(String path) {
        return COMPILED.stream()
                .filter(compiled -> compiled.pattern().matcher(path).matches())
                .map(Compiled::rule)
                .findFirst();
    }

    /** What a call needs; empty when nobody may make it. */
    public static Optional<Need> need(HttpMethod method, String path) {
        return rule(path).map(rule -> Gate.isSafe(method) ? rule.reads() : rule.writes());
    }

    @Override
    public Uni<CheckResult> checkPermission(
            RoutingContext context, Uni<SecurityIdentity> caller, AuthorizationRequestContext authorization) {
        Optional<Need> need = need(context.request().method(), context.normalizedPath());
        if (need.filter(open -> open == Need.NOTHING || open == Need.OWN_PROOF).isPresent()) {
            return CheckResult.permit();
        }
        return caller.onItem().transformToUni(identity -> {
            Optional<User> user = Users.of(identity);
            if (user.isEmpty()) {
                return ProviderLogin.isShutOut(identity)
                        ? refuse(context, Problem.of(403, "disabled", DISABLED))
                        : CheckResult.deny();
            }
            if (need.isEmpty()) {
                return refuse(context, Problem.nothingHere());
            }
            Credential credential = Credential.of(identity).orElseGet(Credential::password);
            if (need.get().allows(user.get(), credential)) {
                return CheckResult.permit();
            }
            if (credential.kind() == Credential.Kind.TOKEN) {
                context.response()
                        .putHeader("WWW-Authenticate", "Bearer realm=\"Berth\", error=\"insufficient_scope\"");
            }
            return refuse(context, Problem.of(403, "forbidden", need.get().refusal()));
        });
    }

    /** {@link RefusedPages} says it. */
    private static Uni<CheckResult> refuse(RoutingContext context, Problem why) {
        context.put(Refusals.WHY, why);
        return CheckResult.deny();
    }
}
