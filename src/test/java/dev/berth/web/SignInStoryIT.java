package dev.berth.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.RequestOptions;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.Chrome;
import dev.berth.testing.Keycloak;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * People who come from Keycloak, in a browser: groups there are teams and rights here, leaving one place is leaving the
 * other, and whoever is taken out of a group is out of the team soon after, though signed in.
 */
@Tag("browser")
class SignInStoryIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String CLIENT_SECRET = "change-this-secret-of-the-client-berth";

    private static Keycloak keycloak;
    private static EmbeddedPostgres postgres;
    private static BerthProcess berth;
    private static BerthProcess second;
    private static Chrome chrome;

    @BeforeAll
    static void start() throws IOException {
        keycloak = Keycloak.start();
        postgres = EmbeddedPostgres.builder().start();
        berth = web("sign-in").awaitReady();
        keycloak.awaitReady().register(berth.url());
        chrome = new Chrome(berth.url());
    }

    private static BerthProcess web(String name) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "QUARKUS_DATASOURCE_JDBC_URL", postgres.getJdbcUrl("postgres", "postgres"),
                "QUARKUS_DATASOURCE_USERNAME", "postgres",
                "QUARKUS_DATASOURCE_PASSWORD", "postgres",
                "BERTH_ROLES", "web",
                "BERTH_AUTH_MODE", "oidc",
                "BERTH_AUTH_OIDC_ISSUER", keycloak.issuer(),
                "BERTH_AUTH_OIDC_CLIENT_SECRET", CLIENT_SECRET,
                "BERTH_AUTH_SESSION_KEY", "one key of both processes",
                "BERTH_LIBRARY_DIRECTORY", "target/sign-in"));
        // Nobody answers there: what is to be sent waits.
        settings.put("BERTH_MAIL_HOST", "127.0.0.1");
        settings.put("BERTH_MAIL_PORT", "1");
        settings.put("BERTH_MAIL_FROM", "berth@example.org");
        return BerthProcess.start(name, settings);
    }

    @AfterAll
    static void stop() throws IOException {
        try (Keycloak toClose = keycloak;
                EmbeddedPostgres database = postgres;
                BerthProcess process = berth;
                BerthProcess secondProcess = second) {
            if (chrome != null) {
                chrome.close();
            }
        }
    }

    @Test
    void peopleComeAndGoByTheProvider() throws IOException, InterruptedException {
        second = web("sign-in-second");
        Page ada = signIn("ada");
        assertThat(ada.url()).endsWith("/admin/tenants");
        ada.fill("#slug", "blue");
        ada.fill("#name", "Blue");
        ada.locator("form[action='/admin/tenants'] input[type=number]").all().forEach(limit -> limit.fill("5"));
        ada.locator("#create-tenant").click();
        ada.waitForURL("**/t/blue/members");

        Page alice = signIn("alice");
        assertThat(alice.url()).endsWith("/t/blue");
        Page bob = signIn("bob");
        bob.navigate(chrome.url("/t/blue/members"));
        assertThat(bob.textContent("main")).contains("Alice Blue", "Bob Blue", "Add a member");
        assertThat(query("select username || ' ' || provided from app_user join membership on user_id = id order by 1"))
                .containsExactly("alice MEMBER", "bob OWNER");
        assertThat(get(alice, "/api/v1/me").status()).isEqualTo(401);
        assertThat(get(alice, "/admin/hosts").status()).isEqualTo(403);

        inviting(bob);
        leaving(bob);
        toldByTheProvider(ada);
        takenOutOfTheGroup(alice);
        secretsShowNowhere();
    }

    private static Page signIn(String username) {
        Page page = chrome.open(username);
        page.locator("#sign-in").click();
        enter(page, username);
        return page;
    }

    private static void enter(Page page, String username) {
        page.locator("#kc-login").waitFor();
        page.fill("#username", username);
        page.fill("#password", "change me, " + username);
        page.locator("#kc-login").click();
        page.waitForURL(url -> url.startsWith(berth.url().toString()) && !url.contains("/login"));
    }

    /** Whoever was here before belongs to the team at once. */
    private static void inviting(Page bob) {
        for (String who : List.of("zoe", "ada")) {
            bob.fill("#email", who + "@example.org");
            bob.locator("#invite").click();
            bob.locator("#flash").waitFor();
        }
        assertThat(bob.textContent("#flash")).contains("Ada Admin belongs to Blue");
        assertThat(bob.textContent("#invitations")).contains("zoe@example.org").doesNotContain("ada@");
        chrome.check(bob, "members-invited");
        assertThat(query("select email from invitation join delivery on invitation_id = invitation.id"))
                .containsExactly("zoe@example.org");
    }

    /** Out of Berth is out of Keycloak, and the cookie from before opens nothing. */
    private static void leaving(Page bob) throws IOException, InterruptedException {
        String cookies = bob.context().cookies(berth.url().toString()).stream()
                .map(cookie -> cookie.name + "=" + cookie.value)
                .collect(Collectors.joining("; "));
        assertThat(cookies).contains("q_session");
        bob.locator("#user-menu summary").click();
        bob.locator("form[action='/logout'] button").click();
        bob.waitForURL("**/signed-out**");
        assertThat(bob.textContent("main")).contains("You are signed out");
        chrome.check(bob, "signed-out");
        HttpResponse<Void> old = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(berth.url().resolve("/t/blue"))
                                .header("Cookie", cookies)
                                .header("Accept", "text/html")
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
        assertThat(old.statusCode()).isEqualTo(302);
        assertThat(old.headers().firstValue("Location").orElse("")).startsWith(keycloak.issuer());
        bob.locator("#sign-in").click();
        enter(bob, "bob");
        assertThat(bob.url()).endsWith("/t/blue");
    }

    /** The provider tells one process; her page and its stream are another's, which has the same key of logins. */
    private static void toldByTheProvider(Page ada) throws IOException {
        second.awaitReady();
        ada.navigate(second.url() + "/t/blue");
        assertThat(ada.textContent("main")).contains("Blue");
        ada.evaluate("() => { window.seen = new EventSource('/t/blue/live'); }");
        await().atMost(PATIENCE)
                .until(() -> ada.evaluate("window.seen.readyState").equals(1));
        keycloak.logOut("ada");
        await().atMost(PATIENCE)
                .until(() -> ada.evaluate("window.seen.readyState").equals(2));
        assertThat(ada.context()
                        .request()
                        .get(second.url() + "/t/blue", RequestOptions.create().setMaxRedirects(0))
                        .status())
                .isEqualTo(302);
        await().atMost(PATIENCE).until(() -> query("select count(*) from login l join app_user u on u.id = l.user_id"
                        + " where u.username = 'ada' and l.ended_at is not null")
                .equals(List.of("1")));
        ada.navigate(chrome.url("/admin/hosts"));
        ada.locator("#kc-login").waitFor();
    }

    /** The page's stream of events is refused as well. */
    private static void takenOutOfTheGroup(Page alice) throws IOException {
        alice.evaluate("() => { window.seen = new EventSource('/t/blue/live'); }");
        await().atMost(PATIENCE)
                .until(() -> alice.evaluate("window.seen.readyState").equals(1));
        keycloak.removeFromGroup("alice", "/berth/tenants/blue/member");
        await().atMost(PATIENCE)
                .until(() -> alice.evaluate("window.seen.readyState").equals(2));
        assertThat(get(alice, "/t/blue").status()).isEqualTo(404);
        assertThat(query("select count(*) from membership where provided = 'MEMBER'"))
                .containsExactly("0");
        alice.navigate(chrome.url("/"));
        assertThat(alice.textContent("main")).contains("You belong to no team");
        chrome.check(alice, "no-team");
        query("update app_user set disabled = true where username = 'alice' returning username");
        assertThat(get(alice, "/account").status()).isEqualTo(403);
        alice.navigate(chrome.url("/"));
        assertThat(alice.textContent("main")).contains("Your account here is disabled");
        chrome.check(alice, "disabled");
    }

    private static void secretsShowNowhere() {
        for (BerthProcess process : List.of(berth, second)) {
            assertThat(process.log()).contains("berth").doesNotContain(CLIENT_SECRET);
        }
        assertThat(query("select query_to_xml(format('select * from public.%I', table_name), true, true, '')::text"
                        + " from information_schema.tables where table_schema = 'public'"))
                .anyMatch(table -> table.contains("zoe@example.org"))
                .noneMatch(table -> table.contains(CLIENT_SECRET));
    }

    private static APIResponse get(Page page, String path) {
        return page.context()
                .request()
                .get(chrome.url(path), RequestOptions.create().setMaxRedirects(0));
    }

    private static List<String> query(String sql) {
        try (var connection = postgres.getPostgresDatabase().getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
