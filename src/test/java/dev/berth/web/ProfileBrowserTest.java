package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.LoadState;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.HostFacts;
import dev.berth.security.Caller;
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
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An admin makes a network in Chromium and watches the hosts; a person is advised which network fits. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
@Tag("browser")
class ProfileBrowserTest {
    private static final String SENTENCE =
            "Host rack-9 has no device eth7. Plug it in, or write another device into the profile.";

    @TestHTTPResource("/")
    URI portalUrl;

    @Inject
    Portal portal;

    @Inject
    NetworkProfiles networks;

    @Inject
    Hosts hosts;

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
    void anAdminMakesANetworkAndWatchesTheHosts() {
        Page page = chrome.signIn("admin");
        page.navigate(chrome.url("/admin/networks/new"));
        chrome.check(page, "profile-kinds");
        page.selectOption("#ask-speed", "direct");
        page.locator(".kind-best").waitFor();
        assertThat(page.locator(".kind-best h2").textContent()).isEqualTo("Macvtap");
        chrome.check(page, "profile-kinds-advised");
        page.locator("#choose-macvtap").click();
        chrome.check(page, "profile-form");

        page.fill("#slug", "street");
        page.fill("#name", "Street");
        page.fill("#description", "Machines that everybody in the office reaches.");
        page.fill("[id='config.dev']", "eth7");
        page.fill("[id='config.macStart']", "00:16:3e:00:00:00");
        page.fill("[id='config.macEnd']", "52:54:00:a1:00:3f");
        page.locator("#save-profile").click();
        page.locator(".alert-danger").waitFor();
        assertThat(page.locator("[id='error-config.macStart']").textContent()).contains("belongs to a manufacturer");
        chrome.check(page, "profile-form-refused");
        page.fill("[id='config.macStart']", "52:54:00:a1:00:00");
        page.getByText("Speed limits").focus();
        page.keyboard().press("Enter");
        page.fill("[id='config.inboundAverage']", "12500");
        page.check("#access-some");
        page.check("#tenants-blue");
        page.locator("#save-profile").click();
        page.waitForURL("**/admin/networks/street");

        UUID id = networks.get(Caller.system("test"), "street").id();
        page.locator("#check").click();
        page.waitForLoadState(LoadState.LOAD);
        for (String name : List.of("rack-7", "rack-9")) {
            hosts.register(name, "test:///default", "");
            hosts.reached(name, new HostFacts(name, "x86_64", 8, 16_384, "9.0", "7.2", "kvm"));
        }
        for (Host host : hosts.list()) {
            HostCheck said = host.name().equals("rack-9")
                    ? HostCheck.problems(List.of(SENTENCE))
                    : new HostCheck(
                            List.of(),
                            host.name().equals("paper")
                                    ? List.of("eth7 has no carrier on host paper: is its cable plugged in?")
                                    : List.of());
            networks.checked(id, host.id(), host.name(), said);
        }
        // By itself, without a reload.
        page.getByText(SENTENCE).waitFor();
        chrome.check(page, "profile");
        page.locator("#edit").click();
        assertThat(page.inputValue("[id='config.inboundAverage']")).isEqualTo("12500");
        chrome.check(page, "profile-edit");
        page.navigate(chrome.url("/admin/networks"));
        assertThat(page.locator("#profile-street").textContent()).contains("2 of 3 hosts", "not rack-9", "Only Blue");
        chrome.check(page, "profiles");
        UUID far = networks.create(
                        Caller.system("test"),
                        "county",
                        "County",
                        "",
                        "routed",
                        Map.of("cidr", "10.152.0.0/24", "rangeStart", "10.152.0.10", "rangeEnd", "10.152.0.99"))
                .id();
        Host paper = portal.paper();
        networks.checked(
                far,
                paper.id(),
                paper.name(),
                new HostCheck(List.of(), List.of(), Map.of("nextHop", "192.0.2.7", "route", "there")));
        page.navigate(chrome.url("/admin/networks/county"));
        chrome.check(page, "profile-routed");
        page.navigate(chrome.url("/admin/storage/qcow2"));
        chrome.check(page, "profile-storage");
        // What was refused on purpose.
        chrome.errors().removeIf(error -> error.contains("422"));
        assertThat(chrome.errors()).isEmpty();
    }

    @Test
    void aPersonIsAdvised() {
        String slug = "avenue";
        networks.create(
                Caller.system("test"),
                slug,
                "Avenue",
                "On the office's network.",
                "macvtap",
                Map.of("dev", "eth7", "macStart", "52:54:00:a2:00:00", "macEnd", "52:54:00:a2:00:ff"));
        as("admin")
                .body(Map.of(
                        "slug",
                        slug,
                        "name",
                        "Avenue",
                        "description",
                        "",
                        "policy",
                        Map.of(
                                "maxVcpus", 1,
                                "maxMemoryMib", 512,
                                "maxDiskGib", 5,
                                "maxLeaseHours", 48)))
                .post("/api/v1/templates")
                .then()
                .statusCode(201);
        as("admin")
                .body(Map.of(
                        "image",
                        "linux",
                        "sizes",
                        List.of("tiny", "small", "medium"),
                        "networks",
                        List.of("nat", slug),
                        "storage",
                        List.of("qcow2")))
                .post("/api/v1/templates/avenue/revisions")
                .then()
                .statusCode(201);
        as("admin").post("/api/v1/templates/avenue/revisions/1/approve").then().statusCode(200);
        Page page = chrome.signIn("alice");
        page.navigate(chrome.url("/t/blue/requests/new"));
        page.check("#template-avenue");
        page.getByText("Which one fits?").click();
        page.selectOption("#ask-team", "yes");
        Locator best = page.locator(".advice-best");
        best.waitFor();
        assertThat(page.locator("#advice-avenue").textContent()).contains("Fits best");
        assertThat(page.locator("#advice-nat").textContent()).contains("Does not fit");
        // It never blocks: what does not fit is chosen all the same.
        assertThat(page.isChecked("#network-avenue") || page.isChecked("#network-nat"))
                .isTrue();
        page.check("#network-nat");
        page.focus("#ask-team");
        page.selectOption("#ask-team", "no");
        page.locator("#advice-nat .advice-best").waitFor();
        assertThat(page.isChecked("#network-nat")).isTrue();
        assertThat((String) page.evaluate("document.activeElement.id")).isEqualTo("ask-team");
        chrome.check(page, "request-advised");
        page.navigate(chrome.url("/t/blue/networks"));
        chrome.check(page, "networks");
        // What was refused on purpose.
        chrome.errors().removeIf(error -> error.contains("422"));
        assertThat(chrome.errors()).isEmpty();
    }
}
