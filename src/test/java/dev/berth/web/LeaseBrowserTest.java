package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitForSelectorState;
import dev.berth.testing.Chrome;
import dev.berth.testing.LeaseRows;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A lease nears its end in Chromium: a click extends it, a longer one is asked for and granted, several go at once. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("browser")
class LeaseBrowserTest {
    @TestHTTPResource("/")
    URI portalUrl;

    @Inject
    Portal portal;

    @Inject
    LeaseRows leases;

    private Chrome chrome;

    @BeforeEach
    void open() {
        portal.make();
        chrome = new Chrome(portalUrl);
    }

    @AfterEach
    void close() {
        chrome.close();
    }

    @Test
    void aLeaseIsExtendedByAClickAndALongerOneByAYes() {
        String tenant = portal.tenant(10);
        String web = machine(tenant, "web-1");
        String build = machine(tenant, "build-1");
        leases.set(web, "WARNED", "12 hours", null);
        leases.set(build, "GRACE", "-2 days", "5 days");
        Page page = chrome.signIn(tenant + "-user");
        page.navigate(chrome.url("/t/" + tenant));
        chrome.check(page, "lease-dashboard");

        page.navigate(chrome.url("/t/" + tenant + "/machines/" + build));
        chrome.check(page, "lease-ended");
        page.locator("#keep").click();
        page.locator("#lease-notice").waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED));

        page.navigate(chrome.url("/t/" + tenant + "/machines/" + web));
        chrome.check(page, "lease-warned");
        page.selectOption("#hours", "720");
        page.fill("#reason", "The release is two weeks late");
        page.locator("#extend").click();
        page.locator("#lease-asked").waitFor();
        chrome.check(page, "lease-asked");

        Page admin = chrome.signIn("admin");
        admin.navigate(chrome.url("/t/" + tenant + "/requests"));
        admin.locator("main table a").first().click();
        admin.locator("#decide-title").waitFor();
        chrome.check(admin, "lease-request");
        String request = admin.url().replaceFirst(".*/", "");
        assertThat(as("admin").post("/api/v1/requests/{id}/approve", request).statusCode())
                .isEqualTo(200);

        page.navigate(chrome.url("/t/" + tenant + "/machines?sort=lease"));
        assertThat(page.locator("#machine-" + web).textContent()).contains("30 days left");
        leases.set(build, "WARNED", "2 days", null);
        page.navigate(chrome.url("/t/" + tenant + "/machines?sort=lease"));
        chrome.check(page, "lease-list");
        page.locator("#tick-" + web).check();
        page.locator("#tick-" + build).check();
        page.locator("#bulk-extend").click();
        chrome.check(page, "lease-bulk");
        page.locator("#confirm-bulk").click();
        page.getByText("2 machines extended.").waitFor();

        page.navigate(chrome.url("/account"));
        page.locator("#make-calendar").click();
        page.getByText("This is its address.").waitFor();
        chrome.check(page, "lease-calendar");
        assertThat(chrome.errors()).isEmpty();
    }

    private static String machine(String tenant, String name) {
        return as(tenant + "-user")
                .body(ask(name))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .path("machineId");
    }
}
