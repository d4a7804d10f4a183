package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.berth.common.Notice;
import dev.berth.security.Users;
import dev.berth.testing.Chrome;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.net.URI;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The bell rings on an open page in Chromium; the pages around it, and those of usage and audit, are looked at. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("browser")
class NoticesBrowserTest {
    @TestHTTPResource("/")
    URI portalUrl;

    @Inject
    Portal portal;

    @Inject
    Users users;

    @Inject
    Event<Notice> notices;

    @Inject
    DataSource database;

    private Chrome chrome;
    private String team;

    @BeforeEach
    void open() {
        portal.make();
        team = portal.tenant(3);
        chrome = new Chrome(portalUrl);
    }

    @AfterEach
    void close() {
        chrome.close();
    }

    @Test
    void theBellRings() {
        String user = team + "-user";
        as("admin")
                .body(Map.of("role", "OWNER"))
                .put("/api/v1/tenants/{team}/members/{user}", team, user)
                .then()
                .statusCode(200);
        Page page = chrome.signIn(user);
        page.locator("#bell [aria-label='Notices, 0 unread']").waitFor();
        UUID id = users.find(user).orElseThrow().id();
        tell(id, "web-1 has failed", "Its disk is gone.\nPut it back from a backup, or delete the machine.");
        page.locator("#bell [aria-label='Notices, 1 unread']").waitFor();
        tell(id, "db-1 is approved", "admin said yes.");
        page.locator("#bell [aria-label='Notices, 2 unread']").waitFor();
        page.locator("#bell a").click();
        page.locator(".notices li").nth(1).waitFor();
        chrome.check(page, "notices");
        page.locator("#read-all").click();
        page.locator("#bell [aria-label='Notices, 0 unread']").waitFor();

        page.navigate(chrome.url("/account/notices"));
        assertThat(page.locator("#mail-off").isVisible())
                .as("no mail server is set up")
                .isTrue();
        chrome.check(page, "notice-switches");

        page.navigate(chrome.url("/t/" + team + "/webhooks"));
        page.fill("#name", "Chat");
        page.fill("#url", "https://10.0.0.1/hook");
        page.locator("#create-webhook").click();
        page.locator("#error-url").waitFor();
        chrome.check(page, "webhooks-refused");
        page.fill("#url", "https://hooks.example.org/berth");
        page.locator("#create-webhook").click();
        page.locator("#secret-once").waitFor();
        chrome.check(page, "webhooks");
        page.navigate(chrome.url("/t/" + team + "/webhooks"));
        page.locator("td .machine-name").click();
        page.locator("#test").waitFor();
        chrome.check(page, "webhook");

        used();
        page.navigate(chrome.url("/t/" + team + "/usage"));
        chrome.check(page, "usage");
        Page admin = chrome.signIn("admin");
        admin.navigate(chrome.url("/admin/audit?team=" + team));
        chrome.check(admin, "audit");
        admin.navigate(chrome.url("/admin/usage/prices"));
        chrome.check(admin, "prices");
        // The refused form is an answer with 422, which the browser writes down.
        assertThat(chrome.errors()).allMatch(error -> error.contains("422"));
    }

    /** Some days with more and less in them. */
    private void used() {
        try (var connection = database.getConnection();
                var insert = connection.prepareStatement(
                        """
                        insert into usage_day (day, tenant_id, tenant_slug, owner_name, template_name, vcpu_seconds,
                                               memory_mib_seconds, disk_gib_seconds)
                        select (now() at time zone 'UTC')::date - n, t.id, t.slug, 'dora', 'Linux', 3600 * (n % 9 + 2),
                               3600 * 1024 * (n % 5 + 1), 3600 * 240
                          from tenant t, generate_series(1, 28) n where t.slug = ?""")) {
            insert.setString(1, team);
            insert.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void tell(UUID userId, String title, String text) {
        QuarkusTransaction.requiringNew()
                .run(() -> notices.fire(new Notice(
                        Notice.Topic.MACHINE,
                        new Notice.Audience.Person(userId),
                        UUID.randomUUID().toString(),
                        title,
                        text,
                        "/t/" + team + "/machines")));
    }
}
