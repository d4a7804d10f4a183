package dev.berth.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.tenancy.Members;
import dev.berth.tenancy.Tenants;
import dev.berth.testing.Knock;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.RouteWorld;
import dev.berth.testing.Routes;
import dev.berth.testing.Routes.Route;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.ext.web.Router;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Who gets in where: each route of the running application, tried by everybody who may come along, with the ids of one
 * team. What each gets stands in {@code routes.txt}; a route without a line there fails, and so does a line without a
 * route. What was found is written to {@code target/routes.txt}.
 */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class RoutesTest {
    private static final Path TABLE = Path.of("src/test/resources/routes.txt");
    private static final Path FOUND = Path.of("target/routes.txt");

    /** In the order in which they try: whoever gets in changes things. */
    private static final List<String> ROLES = List.of(
            "nobody",
            "stranger",
            "rival",
            "auditor",
            "elsewhere",
            "read",
            "member",
            "owner",
            "machines",
            "approve",
            "admin",
            "all");

    /** What programs bring; it opens no page. */
    private static final Set<String> TOKENS = Set.of("elsewhere", "read", "machines", "approve", "all");

    /** Their team's ids are what the paths are filled with, or they may name any. */
    private static final Set<String> INSIDE = Set.of("member", "owner", "machines", "approve", "admin", "all");

    private static final List<String> OTHERS = List.of(
            "/q/health",
            "/q/metrics",
            "/q/openapi",
            "/css/berth.css",
            "/no-such-page",
            "/admin/no-such-page",
            "/t/{tenant}/no-such-page",
            "/api/v1/no-such",
            "/api/no-such",
            "/internal/no-such");

    /** Where an empty body would be refused before it is asked whose things are meant. */
    private static final Map<String, String> BODIES = Map.of(
            "POST /api/v1/tenants/{tenant}/invitations", "{\"email\":\"x@example.org\",\"role\":\"MEMBER\"}",
            "POST /t/{tenant}/members/invitations", "email=x@example.org&role=MEMBER",
            "POST /api/v1/disks/{disk}/attach", "{\"machine\":\"{machine}\"}",
            "POST /api/v1/machines/{id}/captures", "{\"disk\":\"{disk}\",\"template\":\"linux\",\"image\":\"\"}",
            "POST /api/v1/machines/{id}/moves", "{\"disk\":\"{disk}\",\"storage\":\"no-such\"}",
            "PUT /api/v1/tenants/{tenant}/members/{username}", "{\"role\":\"MEMBER\"}",
            "POST /api/v1/tenants/{tenant}/quota/requests", "{\"resource\":\"machines\",\"more\":1,\"reason\":\"\"}",
            "POST /t/{tenant}/members", "username={username}&role=MEMBER",
            "POST /t/{tenant}/members/{username}/role", "role=MEMBER");

    @TestHTTPResource("/")
    URI base;

    @Inject
    Router router;

    @Inject
    Portal portal;

    @Inject
    RouteWorld world;

    @Inject
    Members members;

    @Inject
    Tenants tenants;

    @AfterEach
    void clean() {
        world.clean();
    }

    private Map<String, Knock> people(RouteWorld.Home home) {
        String other = portal.tenant(1);
        Map<String, Knock> people = new LinkedHashMap<>();
        people.put("nobody", Knock.nobody(base));
        people.put("stranger", Knock.person(base, other + "-user"));
        people.put("rival", Knock.person(base, portal.owner(other)));
        people.put("auditor", Knock.person(base, "otto"));
        people.put("member", Knock.person(base, home.member()));
        people.put("owner", Knock.person(base, home.owner()));
        people.put("admin", Knock.person(base, "admin"));
        members.add(Caller.system("test"), tenants.get(Caller.system("test"), other), home.owner(), TenantRole.OWNER);
        people.put(
                "elsewhere",
                Knock.program(base, portal.token(home.owner(), Set.of(Scope.MACHINES, Scope.APPROVE), other)));
        people.put("read", program(home.owner(), Scope.READ));
        people.put("machines", program(home.owner(), Scope.MACHINES));
        people.put("approve", program(home.owner(), Scope.APPROVE));
        people.put("all", program("admin", Scope.values()));
        return people;
    }

    private Knock program(String username, Scope... scopes) {
        return Knock.program(base, portal.token(username, Set.of(scopes), null));
    }

    @Test
    void everyRouteLetsInWhomTheTableSays() throws IOException {
        RouteWorld.Home home = world.home();
        Map<String, Knock> people = people(home);
        List<Route> routes = routes();
        assertThat(routes).hasSizeGreaterThan(300);
        List<String> untouched = home.state();
        Map<Route, Map<String, String>> found = new TreeMap<>();
        List<String> broken = new ArrayList<>();
        for (boolean safe : List.of(true, false)) {
            for (String role : ROLES) {
                boolean inside = INSIDE.contains(role);
                for (Route route : order(routes, safe)) {
                    if (TOKENS.contains(role) && !route.api()) {
                        found.computeIfAbsent(route, key -> new LinkedHashMap<>())
                                .put(role, "-");
                        continue;
                    }
                    Knock.Answer answer = knock(people.get(role), route, home, inside && !safe);
                    if (answer.status() == 0 || answer.status() >= 500) {
                        broken.add(role + ": " + route + ": " + answer);
                    }
                    found.computeIfAbsent(route, key -> new LinkedHashMap<>()).put(role, word(answer));
                }
                if (safe || !inside) {
                    assertThat(home.state()).as("what " + role + " left behind").isEqualTo(untouched);
                }
            }
        }
        assertThat(broken).as("server errors").isEmpty();
        List<String> lines = found.entrySet().stream()
                .map(entry -> entry.getKey() + " : "
                        + ROLES.stream().map(entry.getValue()::get).collect(Collectors.joining(" ")))
                .toList();
        Files.write(FOUND, lines);
        assertThat(differences(lines))
                .as("other than " + TABLE + " says, see " + FOUND)
                .isEmpty();
    }

    /** Those that the application knows, and some that it serves without saying so. */
    private List<Route> routes() {
        Map<String, Route> all = new TreeMap<>();
        Routes.all(router).stream()
                .filter(route -> !route.path().equals("/q/"))
                .forEach(route -> all.put(route.toString(), route));
        OTHERS.stream().map(path -> new Route("GET", path, "")).forEach(route -> all.put(route.toString(), route));
        all.put("POST /login", new Route("POST", "/login", ""));
        return all.values().stream().sorted().toList();
    }

    @Test
    void aTokenOpensNoPage() {
        portal.make();
        Knock program = program("admin", Scope.values());
        for (String page : List.of("/account", "/admin/users", "/t/blue")) {
            assertThat(word(program.call(new Route("GET", page, ""), page, null)))
                    .as(page)
                    .isEqualTo("login");
        }
    }

    /** What makes an end of things comes last, and of logins after that. */
    private static List<Route> order(List<Route> routes, boolean safe) {
        List<Route> some = routes.stream().filter(route -> route.safe() == safe).toList();
        List<Route> ends = some.stream()
                .filter(route -> route.method().equals("DELETE") || route.path().endsWith("/delete"))
                .sorted(Comparator.comparing(route -> route.path().contains("/logins")))
                .toList();
        List<Route> ordered = new ArrayList<>(some);
        ordered.removeAll(ends);
        ordered.addAll(ends);
        return ordered;
    }

    private static Knock.Answer knock(Knock who, Route route, RouteWorld.Home home, boolean renew) {
        String path = home.fill(route.path(), renew);
        String body = BODIES.containsKey(route.toString()) ? home.fill(BODIES.get(route.toString()), false) : null;
        return (route.path().equals("/logout") ? who.again() : who).call(route, path, body);
    }

    private static String word(Knock.Answer answer) {
        if (answer.status() == 302 && answer.location().endsWith("/login")) {
            return "login";
        }
        return switch (answer.status()) {
            case 401, 403, 404 -> String.valueOf(answer.status());
            default -> "in";
        };
    }

    private static List<String> differences(List<String> lines) throws IOException {
        List<String> table = Files.readAllLines(TABLE).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> Arrays.stream(line.trim().split("\\s+")).collect(Collectors.joining(" ")))
                .toList();
        TreeSet<String> missing = new TreeSet<>(table);
        lines.forEach(missing::remove);
        TreeSet<String> unforeseen = new TreeSet<>(lines);
        table.forEach(unforeseen::remove);
        List<String> differences = new ArrayList<>();
        missing.forEach(line -> differences.add("expected " + line));
        unforeseen.forEach(line -> differences.add("found    " + line));
        return differences;
    }
}
