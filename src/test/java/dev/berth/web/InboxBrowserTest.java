package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import dev.berth.testing.Chrome;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Decisions as people make them in Chromium: keys, several at once, a question, an offer that is taken. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("browser")
class InboxBrowserTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TestHTTPResource("/")
    URI portalUrl;

    @Inject
    Portal portal;

    private Chrome chrome;
    private String tenant;

    @BeforeEach
    void open() {
        portal.make();
        tenant = portal.tenant(5);
        portal.owner(tenant);
        chrome = new Chrome(portalUrl);
    }

    @AfterEach
    void close() {
        chrome.close();
        as("admin")
                .get("/api/v1/policies?limit=200")
                .<List<String>>path("items.id")
                .forEach(rule -> as("admin").delete("/api/v1/policies/{id}", rule));
    }

    @Test
    void whatWaitsIsDecidedOnInEveryWay() {
        for (String name : List.of("changed", "first-no", "second-no")) {
            Map<String, Object> ask = ask(name);
            ask.put("leaseHours", 72);
            ask.put("reason", "To be decided on");
            as(tenant + "-user").body(ask).post("/api/v1/tenants/{tenant}/requests", tenant);
        }
        Page admin = chrome.signIn("admin");
        Page user = chrome.signIn(tenant + "-user");
        admin.navigate(chrome.url("/inbox"));
        admin.selectOption("#team", tenant);
        admin.locator("#apply-filter").click();
        admin.waitForURL("**/inbox?*");
        Locator items = admin.locator(".inbox-item");
        assertThat(items.count()).isEqualTo(3);
        assertThat(items.first().textContent()).contains("It fits: it would be placed on", "3 requests so far");
        chrome.check(admin, "inbox-waiting");
        keys(admin);
        denyTicked(admin, user);
        offer(admin, user);
        assertThat(portal.drift()).isEmpty();
        assertThat(chrome.errors()).isEmpty();
    }

    private void keys(Page admin) {
        for (String key : List.of("j", "j", "j", "k")) {
            admin.keyboard().press(key);
        }
        assertThat((String) admin.evaluate("document.activeElement.textContent"))
                .contains("first-no");
        for (String key : List.of("x", "j", "x")) {
            admin.keyboard().press(key);
        }
        assertThat(admin.textContent("#bulk-label")).contains("With 2 ticked");
        admin.keyboard().press("d");
        assertThat((String) admin.evaluate("document.activeElement.name")).isEqualTo("reason");
        admin.keyboard().press("Escape");
        admin.keyboard().press("?");
        admin.locator("#shortcuts[open]").waitFor();
        assertThat(admin.locator("#shortcuts").textContent()).contains("Approve it");
        chrome.check(admin, "inbox-keys");
        admin.keyboard().press("Escape");
    }

    private void denyTicked(Page admin, Page user) {
        admin.fill("#bulk-reason", "Use the shared machine");
        admin.locator("#bulk-deny").click();
        await().atMost(PATIENCE)
                .until(() -> admin.locator(".inbox-item").count() == 1
                        && admin.locator("#flash").count() == 1);
        assertThat(admin.textContent("#flash")).contains("2 denied");
        assertThat(admin.url()).contains("team=" + tenant);
        user.navigate(chrome.url("/t/" + tenant + "/requests?state=denied"));
        user.locator("main a", new Page.LocatorOptions().setHasText("second-no"))
                .first()
                .click();
        user.locator("#decision-reason").waitFor();
        assertThat(user.textContent("#decision-reason")).contains("Use the shared machine");
    }

    private void offer(Page admin, Page user) {
        admin.locator(".inbox-item .decide-more a").click();
        admin.waitForURL("**/requests/*");
        admin.locator("#ask-back summary").click();
        admin.fill("#question", "Would a day do?");
        admin.locator("#send-question").click();
        admin.locator("#asked-back").waitFor();
        String url = admin.url();
        user.navigate(url);
        assertThat(user.textContent("#asked-back")).contains("your answer");
        user.fill("#answer", "Yes, it would");
        user.locator("#send-answer").click();
        user.locator("#flash").waitFor();
        admin.navigate(url);
        assertThat(admin.textContent("#history")).contains("Would a day do?", "Yes, it would");
        admin.locator("#change summary").click();
        admin.fill("#part-leaseHours", "24");
        admin.fill("#message", "A day, then.");
        chrome.check(admin, "request-decide");
        admin.locator("#offer").click();
        admin.locator("#changes").waitFor();
        user.navigate(url);
        assertThat(user.textContent("#changes")).contains("3 days", "1 day");
        chrome.check(user, "request-offered");
        user.locator("#accept").click();
        user.locator("#to-result").waitFor();
        assertThat(user.textContent("#history")).contains("accepted that", "approved it");
        chrome.check(user, "request-taken");
    }

    @Test
    void aPolicyIsMadeTriedOutAndTakenAway() {
        Page admin = chrome.signIn("admin");
        admin.navigate(chrome.url("/admin/policies"));
        chrome.check(admin, "policies-empty");
        admin.selectOption("#template", Portal.TEMPLATE);
        admin.selectOption("#tenant", tenant);
        admin.fill("#selfLeaseHours", "24");
        admin.check("#owner");
        admin.fill("#ownerLeaseHours", "100");
        admin.locator("#set-policy").click();
        admin.locator("#rules").waitFor();
        admin.selectOption("#team", tenant);
        admin.fill("#requester", tenant + "-user");
        admin.selectOption("#of", Portal.TEMPLATE);
        admin.selectOption("#size", "tiny");
        admin.selectOption("#network", "nat");
        admin.selectOption("#storage", "qcow2");
        admin.fill("#lease", "48");
        admin.locator("#try-out").click();
        admin.locator("#answer").waitFor();
        assertThat(admin.textContent("#answer"))
                .contains("Needs an owner's (" + tenant + "-owner) or an admin's yes", "a lease over 24 hours");
        chrome.check(admin, "policies");
        admin.locator("#rules a.btn").click();
        admin.waitForURL("**/admin/policies?edit=*");
        assertThat(admin.inputValue("#selfLeaseHours")).isEqualTo("24");
        admin.locator("#rules summary").click();
        admin.locator("#rules button.btn-danger").click();
        admin.waitForURL("**/admin/policies");
        assertThat(admin.locator("#rules").count()).isZero();
        assertThat(chrome.errors()).isEmpty();
    }
}
