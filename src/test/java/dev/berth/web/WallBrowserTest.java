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

/** In Chromium: somebody stands at the wall, asks for more, gets it and goes on; a template's revision is deprecated. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("browser")
class WallBrowserTest {
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
        tenant = portal.tenant(1);
        chrome = new Chrome(portalUrl);
        as(tenant + "-user")
                .body(ask("first"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201);
    }

    @AfterEach
    void close() {
        chrome.close();
    }

    @Test
    void whoAsksForMoreGoesOn() {
        Page user = chrome.signIn(tenant + "-user");
        request(user, "second");
        user.locator("#ask-more").waitFor();
        chrome.check(user, "wall");
        user.locator("#ask-more").click();
        user.waitForURL("**/quota/ask?*");
        assertThat(user.inputValue("#more")).isEqualTo("1");
        user.fill("#reason", "A second one to compare with");
        chrome.check(user, "ask-for-more");
        user.locator("#send-ask").click();
        user.locator("#flash").waitFor();

        Page admin = chrome.signIn("admin");
        admin.navigate(chrome.url("/inbox?team=" + tenant));
        Locator item = admin.locator(".inbox-item");
        assertThat(item.textContent()).contains("More quota", "A second one to compare with");
        chrome.check(admin, "inbox-quota");
        item.locator("[id^=approve-]").click();
        await().atMost(PATIENCE).until(() -> admin.locator(".inbox-item").count() == 0);

        request(user, "second");
        user.waitForURL("**/machines/*");
        assertThat(user.textContent("h1")).contains("second");
        assertThat(portal.drift()).isEmpty();
        // The refused form is an answer with 409, which the browser writes down.
        assertThat(chrome.errors()).allMatch(error -> error.contains("409"));
    }

    private void request(Page page, String name) {
        page.navigate(chrome.url("/t/" + tenant + "/requests/new?template=" + Portal.TEMPLATE));
        page.check("#size-tiny");
        page.check("#network-nat");
        page.check("#storage-qcow2");
        page.fill("#name", name);
        page.locator("#send-request").click();
    }

    @Test
    void aRevisionIsComparedAndDeprecated() {
        String template = "old-" + tenant;
        as("admin")
                .body(Map.of(
                        "slug",
                        template,
                        "name",
                        "Older Linux",
                        "policy",
                        Map.of("maxVcpus", 2, "maxMemoryMib", 2048, "maxDiskGib", 20, "maxLeaseHours", 72)))
                .post("/api/v1/templates")
                .then()
                .statusCode(201);
        for (String notes : List.of("As it was", "With another size")) {
            as("admin")
                    .body(Map.of(
                            "image",
                            "linux",
                            "sizes",
                            notes.startsWith("As") ? List.of("tiny") : List.of("tiny", "small"),
                            "networks",
                            List.of("nat"),
                            "storage",
                            List.of("qcow2"),
                            "notes",
                            notes))
                    .post("/api/v1/templates/{t}/revisions", template)
                    .then()
                    .statusCode(201);
        }
        as("admin")
                .post("/api/v1/templates/{t}/revisions/1/approve", template)
                .then()
                .statusCode(200);
        Page admin = chrome.signIn("admin");
        admin.navigate(chrome.url("/admin/templates/" + template));
        admin.locator("a[href$='/compare']").click();
        admin.locator(".compared").waitFor();
        assertThat(admin.locator(".compared .differs").allTextContents())
                .anyMatch(line -> line.contains("With another size"))
                .anyMatch(line -> line.contains("Small"));
        chrome.check(admin, "revisions-compared");
        admin.navigate(chrome.url("/admin/templates/" + template + "/revisions/1"));
        chrome.check(admin, "revision");
        admin.locator("#deprecate").click();
        await().atMost(PATIENCE).until(() -> "DEPRECATED"
                .equals(as("admin")
                        .get("/api/v1/templates/{t}/revisions/1", template)
                        .path("state")));
        assertThat(chrome.errors()).isEmpty();
    }
}
