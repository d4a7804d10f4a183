package dev.berth.security;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

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
import io.restassured.path.json.JsonPath;
import io.vertx.ext.web.Router;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What strangers try at every route: other sites' forms, other things' ids, fields that are not theirs, ways out. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class HostileRoutesTest {
    private static final Pattern PARAMETER = Pattern.compile("\\{([A-Za-z]+)[^}]*}");
    /** What hangs on something else that the same path names. */
    private static final Set<String> PARTS = Set.of(
            "id",
            "disk",
            "nic",
            "forward",
            "forwardId",
            "share",
            "snapshot",
            "move",
            "capture",
            "delivery",
            "grant",
            "username");

    /** What hangs on one machine, or on one webhook, and the path to there. */
    private static final Pattern OF_ONE = Pattern.compile("(.*/(?:machines|webhooks)/\\{id}/[a-z]+/)(\\{.*)");

    /** Bodies that name another machine's. */
    private static final Map<String, String> NAMED = Map.of(
            "captures", "{\"disk\":\"{disk}\",\"template\":\"linux\",\"image\":\"stolen\"}",
            "moves", "{\"disk\":\"{disk}\",\"storage\":\"qcow2\"}",
            "forwards", "{\"protocol\":\"TCP\",\"guestPort\":22,\"nic\":\"{nic}\"}");

    /** Fields that only Berth itself fills in. */
    private static final List<String> THEIRS = List.of(
            "id", "tenant", "tenantId", "tenantSlug", "host", "hostId", "hostName", "state", "userId", "createdAt");

    private static final List<String> ELSEWHERE = List.of(
            "//evil.example/",
            "///evil.example/",
            "/\\evil.example/",
            "\\\\evil.example/",
            "https://evil.example/",
            "https:evil.example",
            "/\t/evil.example/",
            "javascript:alert(1)",
            "/x\r\nLocation: https://evil.example/");

    /** How the cookie begins that tells the next page of a failure. */
    private static final String FAILED =
            "berth_flash=" + Base64.getUrlEncoder().encodeToString("danger".getBytes(StandardCharsets.UTF_8));

    @TestHTTPResource("/")
    URI base;

    @Inject
    Router router;

    @Inject
    Portal portal;

    @Inject
    RouteWorld world;

    private List<Route> routes;
    private Knock admin;

    @BeforeEach
    void make() {
        portal.make();
        routes = Routes.all(router).stream()
                .filter(route -> !route.path().equals("/q/"))
                .toList();
        admin = Knock.person(base, "admin");
    }

    @AfterEach
    void clean() {
        world.clean();
    }

    @Test
    void noOtherSiteChangesAnything() {
        RouteWorld.Home home = world.home();
        List<String> before = home.state();
        List<String> wrong = new ArrayList<>();
        for (Route route : routes.stream().filter(one -> !one.safe()).toList()) {
            String path = home.fill(route.path(), false);
            for (String[] foreign : new String[][] {
                {"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}
            }) {
                Knock.Answer answer = admin.call(route, path, null, foreign);
                if (answer.status() != 403 || !answer.body().contains("another site")) {
                    wrong.add(route + " with " + String.join(": ", foreign) + ": " + answer);
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(home.state()).isEqualTo(before);
    }

    /** Seen by an admin, to whom all ids are known: what is not the path's own is not there, whoever asks. */
    @Test
    void nothingIsFoundUnderWhatItDoesNotBelongTo() {
        RouteWorld.Home mine = world.home();
        RouteWorld.Home other = world.home();
        List<String> before = other.state();
        List<String> wrong = new ArrayList<>();
        int tried = 0;
        // To close a port that is not there is no failure; that nothing was closed shows in the end.
        for (Route route : routes) {
            List<String> names = names(route.path());
            String last = names.isEmpty() ? "" : names.get(names.size() - 1);
            for (String name : names.subList(Math.min(1, names.size()), names.size())) {
                if (!PARTS.contains(name)) {
                    continue;
                }
                // Up to this one all is mine, from here on it is the other's.
                int at = route.path().indexOf("{" + name);
                String path = mine.fill(route.path().substring(0, at), false, route.path())
                        + other.fill(route.path().substring(at), false, route.path());
                Knock.Answer answer = admin.call(route, path, null);
                tried++;
                if (!missing(answer) && !route.path().endsWith("/ports/{forward}/close")) {
                    wrong.add(route + " with the other's " + name + (name.equals(last) ? "" : " and on") + ": "
                            + answer.status() + " " + answer.location());
                }
            }
        }
        assertThat(tried).isGreaterThan(60);
        assertThat(wrong).isEmpty();
        assertThat(other.state()).isEqualTo(before);
    }

    /** Both machines are one team's, and whoever asks may do everything with either. */
    @Test
    void nothingOfAMachineIsFoundUnderItsNeighbour() {
        RouteWorld.Home mine = world.home();
        RouteWorld.Home other = world.beside(mine);
        Knock owner = Knock.person(base, mine.owner());
        List<List<String>> before = List.of(mine.state(), other.state());
        List<String> wrong = new ArrayList<>();
        int tried = 0;
        for (Route route : routes) {
            Matcher part = OF_ONE.matcher(route.path());
            if (!part.matches() || route.path().startsWith("/admin/")) {
                continue;
            }
            String path =
                    mine.fill(part.group(1), false, route.path()) + other.fill(part.group(2), false, route.path());
            Knock.Answer answer = owner.call(route, path, null);
            tried++;
            if (!missing(answer) && !route.path().endsWith("/ports/{forward}/close")) {
                wrong.add(route + ": " + answer);
            }
        }
        assertThat(tried).isGreaterThan(25);
        for (Map.Entry<String, String> named : NAMED.entrySet()) {
            Route route = new Route("POST", "/api/v1/machines/{id}/" + named.getKey(), "");
            Knock.Answer answer =
                    owner.call(route, mine.fill(route.path(), false), other.fill(named.getValue(), false));
            if (!Set.of(400, 404).contains(answer.status())) {
                wrong.add(route + " with " + named.getValue() + ": " + answer);
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(List.of(mine.state(), other.state())).isEqualTo(before);
    }

    /** A form may come back with a word about it, and a body may be refused before anything is looked up. */
    private static boolean missing(Knock.Answer answer) {
        return Set.of(400, 404, 422).contains(answer.status())
                || (answer.status() == 303 && answer.flash().startsWith(FAILED));
    }

    private static List<String> names(String path) {
        List<String> names = new ArrayList<>();
        Matcher matcher = PARAMETER.matcher(path);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return names;
    }

    /** Each body of the API, with each field that is not documented for it. */
    @Test
    void noBodySaysWhatIsNotItsToSay() {
        RouteWorld.Home home = world.home();
        JsonPath document = given().get("/q/openapi?format=json").jsonPath();
        List<String> before = home.state();
        List<String> wrong = new ArrayList<>();
        int tried = 0;
        for (Route route : routes.stream()
                .filter(one -> one.api() && Set.of("POST", "PUT").contains(one.method()))
                .toList()) {
            String operation = "paths.'" + route.path() + "'." + route.method().toLowerCase(java.util.Locale.ROOT);
            Map<String, Object> json = document.getMap(operation + ".requestBody.content.'application/json'.schema");
            if (json == null || json.isEmpty()) {
                continue;
            }
            Set<String> documented = json.containsKey("$ref")
                    ? document
                            .getMap("components.schemas."
                                    + String.valueOf(json.get("$ref")).replaceAll(".*/", "") + ".properties")
                            .keySet()
                            .stream()
                            .map(String::valueOf)
                            .collect(Collectors.toSet())
                    : Set.of();
            for (String field : THEIRS) {
                if (documented.contains(field)) {
                    continue;
                }
                tried++;
                Knock.Answer answer = admin.call(route, home.fill(route.path(), false), "{\"" + field + "\":\"x\"}");
                if (answer.status() != 400) {
                    wrong.add(route + " with " + field + ": " + answer);
                }
            }
        }
        assertThat(tried).isGreaterThan(200);
        assertThat(wrong).isEmpty();
        assertThat(home.state()).isEqualTo(before);
    }

    @Test
    void aFormSaysNoMoreThanItAsksFor() {
        RouteWorld.Home home = world.home();
        RouteWorld.Home other = world.home();
        Knock member = Knock.person(base, home.member());
        String id = "11111111-2222-3333-4444-555555555555";
        String more = "&id=" + id + "&tenant=" + other.slug() + "&tenantId=" + id + "&host=x&hostName=x&state=APPROVED"
                + "&userId=" + id + "&requesterName=admin&ownerName=admin&createdAt=2000-01-01T00:00:00Z&admin=true";
        Route ask = new Route("POST", "/t/{tenant}/requests", "");
        Knock.Answer asked = member.call(
                ask,
                home.fill(ask.path(), false),
                "template=linux&size=medium&name=formed&network=nat&storage=qcow2&lease=24&reason=x" + more);
        assertThat(asked.status()).isEqualTo(303);
        Map<String, Object> made = Portal.as(home.member())
                .get("/api/v1/requests/{id}", asked.location().replaceAll(".*/", ""))
                .jsonPath()
                .getMap("$");
        assertThat(made.get("id")).isNotEqualTo(id);
        assertThat(made.get("tenant")).isEqualTo(home.slug());
        assertThat(made.get("state")).isEqualTo("PENDING");
        assertThat(made.get("requester")).isEqualTo(home.member());
        assertThat(String.valueOf(made.get("createdAt"))).doesNotStartWith("2000");

        Route mail = new Route("POST", "/account/notices/email", "");
        assertThat(member.call(mail, mail.path(), "email=x@example.org&username=admin" + more)
                        .status())
                .isEqualTo(303);
        Portal.as("admin").get("/api/v1/users/admin").then().body("email", org.hamcrest.Matchers.not("x@example.org"));
        Portal.as(home.member()).get("/api/v1/me").then().body("admin", org.hamcrest.Matchers.equalTo(false));
    }

    /** Whatever a page's form or address says about where to go next, it is here. */
    @Test
    void noAnswerLeadsToAnotherSite() {
        RouteWorld.Home home = world.home();
        List<String> wrong = new ArrayList<>();
        for (Route route : routes.stream().filter(one -> !one.api()).toList()) {
            if (route.path().contains("/delete")
                    || route.path().equals("/logout")
                    || route.path().contains("/logins")) {
                continue;
            }
            for (String evil : List.of("//evil.example/", "/\\evil.example/")) {
                String form = "back=" + encoded(evil) + "&next=" + encoded(evil) + "&return=" + encoded(evil);
                String path = home.fill(route.path(), false) + "?" + form;
                Knock.Answer answer = admin.call(
                        route,
                        path,
                        form,
                        "Referer",
                        "https://evil.example/",
                        "HX-Current-URL",
                        "https://evil.example/" + encoded(evil));
                if (leavesTo(answer.location())) {
                    wrong.add(route + " with " + evil + ": " + answer.location());
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void signingInLeadsToThisSite() {
        for (String evil : ELSEWHERE.stream().filter(one -> !one.contains("\r")).toList()) {
            String location = given().redirects()
                    .follow(false)
                    .header("Cookie", "quarkus-redirect-location=" + evil.replace("\t", "%09"))
                    .formParam("username", "alice")
                    .formParam("password", Portal.PASSWORD)
                    .post("/login")
                    .header("Location");
            assertThat(location == null || !leavesTo(location))
                    .as(evil + ": " + location)
                    .isTrue();
            assertThat(given().redirects()
                            .follow(false)
                            .formParam("theme", "dark")
                            .formParam("back", evil)
                            .post("/theme")
                            .header("Location"))
                    .as(evil)
                    .isEqualTo("/");
        }
    }

    /** As a browser reads it: backslashes are slashes, control characters are not there. */
    private boolean leavesTo(String location) {
        if (location.isEmpty()) {
            return false;
        }
        String read = location.replaceAll("[\\x00-\\x20]", "").replace('\\', '/');
        URI there;
        try {
            there = base.resolve(read);
        } catch (IllegalArgumentException e) {
            return true;
        }
        return !base.getAuthority().equals(there.getAuthority());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
