package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.catalog.HostInventory;
import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.HostStorage;
import dev.berth.security.Caller;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The pages of profiles, and the advisor, as a browser without scripts meets them. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class ProfilePagesTest {
    private static final Caller BERTH = Caller.system("test");

    @Inject
    Portal portal;

    @Inject
    NetworkProfiles networks;

    @Inject
    StorageProfiles storage;

    @Inject
    Hosts hosts;

    @Inject
    HostInventory inventory;

    private Browser admin;

    @BeforeEach
    void signIn() {
        portal.make();
        admin = Browser.of("admin");
    }

    private static Map<String, Object> outer(String slug) {
        Map<String, Object> form = new HashMap<>();
        form.put("kind", "macvtap");
        form.put("slug", slug);
        form.put("name", "Office " + slug);
        form.put("description", "");
        form.put("config.dev", "eth7");
        form.put("config.mode", "private");
        form.put("config.macStart", "52:54:00:a0:00:00");
        form.put("config.macEnd", "52:54:00:a0:00:0f");
        form.put("access", "all");
        return form;
    }

    private Profile made(String slug) {
        assertThat(admin.post("/admin/networks", outer(slug)).header("Location"))
                .endsWith("/admin/networks/" + slug);
        return networks.get(BERTH, slug);
    }

    private static Map<String, Object> edited(String slug, long version) {
        Map<String, Object> form = outer(slug);
        form.remove("kind");
        form.remove("slug");
        form.put("version", version);
        return form;
    }

    /** A template whose machines may use these networks. */
    private static void template(String slug, List<String> nets) {
        Map<String, Integer> policy = Map.of("maxVcpus", 1, "maxMemoryMib", 512, "maxDiskGib", 5, "maxLeaseHours", 48);
        as("admin")
                .body(Map.of("slug", slug, "name", "Template " + slug, "policy", policy))
                .post("/api/v1/templates")
                .then()
                .statusCode(201);
        as("admin")
                .body(Map.of("image", "linux", "sizes", List.of("tiny"), "networks", nets, "storage", List.of("qcow2")))
                .post("/api/v1/templates/{slug}/revisions", slug)
                .then()
                .statusCode(201);
        as("admin")
                .post("/api/v1/templates/{slug}/revisions/1/approve", slug)
                .then()
                .statusCode(200);
    }

    @Test
    void theKindIsChosenWithItsPriceInSight() {
        String plain = admin.html("/admin/networks/new");
        assertThat(plain)
                .contains(
                        "Who must reach it?",
                        "Nothing outside reaches a machine",
                        "Macvtap",
                        "MAC addresses reach the outer network")
                .doesNotContain("Fits best");
        String advised = admin.html("/admin/networks/new?reach=direct&team=yes&speed=");
        assertThat(advised)
                .contains("Fits best", "Does not fit", "The network team sees the host alone, not its machines.");
        assertThat(advised.indexOf("Fits best"))
                .isBetween(advised.indexOf("id=\"kind-bridge\""), advised.indexOf("id=\"kind-ovs\""));
        assertThat(admin.html("/admin/networks/new?kind=nat")).contains("Address range", "name=\"config.cidr\"");
        assertThat(admin.html("/admin/storage/new")).contains("qcow2 file").doesNotContain("Who must reach it?");
    }

    @Test
    void aRefusedFormKeepsWhatWasTyped() {
        Map<String, Object> form = outer("refused");
        form.put("config.macStart", "01:00:5e:00:00:00");
        form.put("config.subnet", "192.0.2.1/24");
        form.put("config.inboundAverage", "<b>much</b>");
        form.put("access", "some");
        Response refused = admin.post("/admin/networks", form);
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.asString()).contains("Tick at least one team");
        form.put("tenants", "blue");
        refused = admin.post("/admin/networks", form);
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.asString())
                .contains(
                        "This is a multicast address",
                        "Write the subnet as a network address and a prefix length",
                        "Write a whole number from 1 to",
                        "value=\"192.0.2.1/24\"",
                        "value=\"&lt;b&gt;much&lt;/b&gt;\"",
                        "<option value=\"private\" selected>",
                        "value=\"blue\" checked")
                .doesNotContain("<b>much");
    }

    @Test
    void aProfilesPageSaysAllOfIt() {
        Profile profile = made("office");
        template("on-office", List.of("office"));
        Map<String, Object> ask = ask("at-office");
        ask.put("template", "on-office");
        ask.put("network", "office");
        as("alice").body(ask).post("/api/v1/tenants/blue/requests").then().statusCode(201);
        String asked = admin.html("/admin/networks/office");
        assertThat(asked).contains("Not asked yet", "private", "All teams", "at-office", "1 of 16 in use");
        assertThat(admin.html("/admin/macs.csv?network=office"))
                .contains("at-office")
                .doesNotContain("nat");
        assertThat(asked).contains("href=\"/admin/macs.csv?network=office\"");
        assertThat(asked).contains("Template on-office", "revision 1", "Approved");

        Host paper = portal.paper();
        networks.checked(
                profile.id(), paper.id(), paper.name(), HostCheck.problems(List.of("There is no device eth7 <here>.")));
        assertThat(admin.html("/admin/networks/office/now"))
                .contains("There is no device eth7 &lt;here&gt;.", "just now")
                .doesNotContain("<html");
        assertThat(admin.html("/admin/networks")).contains("0 of 1 host", "not paper", "1 machine<");
        assertThat(admin.post("/admin/networks/office/check", Map.of()).statusCode())
                .isEqualTo(303);
    }

    @Test
    void aRoutedNetworksPageSaysTheRouteInEachRoutersWords() {
        Profile profile = networks.create(
                BERTH,
                "far",
                "Far",
                "",
                "routed",
                Map.of("cidr", "10.151.0.0/24", "rangeStart", "10.151.0.10", "rangeEnd", "10.151.0.99"));
        assertThat(admin.html("/admin/networks/far")).doesNotContain("The route to add");
        Host paper = portal.paper();
        networks.checked(
                profile.id(),
                paper.id(),
                paper.name(),
                new HostCheck(List.of(), List.of(), Map.of("nextHop", "192.0.2.7", "route", "missing")));
        assertThat(admin.html("/admin/networks/far"))
                .contains(
                        "The route to add",
                        "It is missing",
                        "ip route add 10.151.0.0/24 via 192.0.2.7",
                        "ip route 10.151.0.0 255.255.255.0 192.0.2.7");
    }

    @Test
    void whatIsFixedIsShownAndNotAsked() {
        made("fixed");
        template("on-fixed", List.of("fixed"));
        assertThat(admin.html("/admin/networks/fixed/edit")).doesNotContain(" disabled");
        Map<String, Object> ask = ask("on-fixed");
        ask.put("template", "on-fixed");
        ask.put("network", "fixed");
        as("alice").body(ask).post("/api/v1/tenants/blue/requests").then().statusCode(201);
        assertThat(admin.html("/admin/networks/fixed/edit"))
                .containsPattern("id=\"config.dev\"[^>]* disabled")
                .doesNotContainPattern("id=\"config.macEnd\"[^>]* disabled")
                .contains("It stays as it is while a machine uses the profile.");
        Map<String, Object> form = edited("fixed", 0);
        form.put("config.dev", "eth8");
        form.put("config.macEnd", "52:54:00:a0:00:ff");
        Response refused = admin.post("/admin/networks/fixed", form);
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.asString()).contains("This stays as it is while a machine uses the profile");
        form.remove("config.dev");
        form.remove("config.mode");
        assertThat(admin.post("/admin/networks/fixed", form).statusCode()).isEqualTo(303);
        assertThat(networks.get(BERTH, "fixed").config())
                .containsEntry("dev", "eth7")
                .containsEntry("mode", "private")
                .containsEntry("macEnd", "52:54:00:a0:00:ff");
    }

    @Test
    void theSecondOfTwoAdminsIsTold() {
        made("both");
        Map<String, Object> form = edited("both", 0);
        form.put("name", "By the first");
        assertThat(admin.post("/admin/networks/both", form).statusCode()).isEqualTo(303);
        form.put("name", "By the second");
        Response late = admin.post("/admin/networks/both", form);
        assertThat(late.statusCode()).isEqualTo(409);
        assertThat(late.asString()).contains("Somebody else has changed this", "By the second");
        assertThat(networks.get(BERTH, "both").name()).isEqualTo("By the first");
    }

    @Test
    void aRetiredProfileCanBeOfferedAgain() {
        made("again");
        admin.post("/admin/networks/again/retire", Map.of());
        assertThat(admin.html("/admin/networks/again")).contains("Retired", "Offer again");
        admin.post("/admin/networks/again/restore", Map.of());
        assertThat(networks.get(BERTH, "again").retired()).isFalse();
    }

    @Test
    void storageProfilesHaveTheSamePages() {
        assertThat(admin.post(
                                "/admin/storage",
                                Map.of(
                                        "kind", "qcow2",
                                        "slug", "disks",
                                        "name", "Files of green",
                                        "config.path", "/var/lib/berth/more",
                                        "access", "some",
                                        "tenants", "green"))
                        .statusCode())
                .isEqualTo(303);
        assertThat(admin.html("/admin/storage/disks")).contains("/var/lib/berth/more", "Green");
        assertThat(admin.html("/admin/storage/disks/edit")).contains("value=\"/var/lib/berth/more\"");
        assertThat(Browser.of("carol").html("/t/green/networks")).contains("Files of green", "not for all teams");
        assertThat(Browser.of("alice").html("/t/blue/networks")).doesNotContain("Files of green");
        storage.retire(BERTH, "disks");
    }

    @Test
    void othersDoNotSeeAPrivateNetwork() {
        Map<String, Object> form = outer("greens-own");
        form.put("access", "some");
        form.put("tenants", "green");
        admin.post("/admin/networks", form);
        template("on-greens", List.of("nat", "greens-own"));
        Browser alice = Browser.of("alice");
        Browser carol = Browser.of("carol");
        for (String page : List.of("networks", "catalog", "requests/new?template=on-greens")) {
            assertThat(alice.html("/t/blue/" + page)).as(page).doesNotContain("Office greens-own");
            assertThat(admin.html("/t/blue/" + page)).as(page).doesNotContain("Office greens-own");
            assertThat(carol.html("/t/green/" + page)).as(page).contains("Office greens-own");
        }
        for (String page : List.of("", "/new", "/nat", "/nat/edit", "/nat/now")) {
            assertThat(alice.get("/admin/networks" + page).statusCode())
                    .as(page)
                    .isEqualTo(403);
        }
        assertThat(alice.post("/admin/networks/nat/retire", Map.of()).statusCode())
                .isEqualTo(403);
        Response nobody =
                io.restassured.RestAssured.given().redirects().follow(false).get("/admin/networks/nat");
        assertThat(nobody.header("Location")).contains("/login");
    }

    @Test
    void theFormForAMachineIsAdvised() {
        made("advised");
        template("on-advised", List.of("nat", "advised"));
        Browser alice = Browser.of("alice");
        String url = "/t/blue/requests/new?template=on-advised";
        assertThat(alice.html(url)).contains("Which one fits?").doesNotContain("Fits best");
        String outer = alice.html(url + "&reach=direct");
        assertThat(outer)
                .containsPattern("id=\"advice-advised\">\\s*<span class=\"advice advice-best\">")
                .containsPattern("id=\"advice-nat\">\\s*<span class=\"advice advice-poor\">")
                .contains("Others reach a machine through ports that are opened for them.");
        Map<String, Object> form = new HashMap<>(ask("advised"));
        form.put("template", "on-advised");
        form.put("shown", "on-advised");
        form.put("reach", "opened_ports");
        form.put("lease", "24");
        String pieces = alice.request()
                .header("HX-Request", "true")
                .formParams(form)
                .post("/t/blue/requests/preview")
                .asString();
        assertThat(pieces)
                .contains("id=\"advice-nat\" hx-swap-oob=\"true\"", "Fits best", "Fits too")
                .doesNotContain("id=\"choices\"");
        assertThat(alice.post("/t/blue/requests/preview", form).asString()).contains("<html", "Fits best");
    }

    @Test
    void theFormOffersWhatHostsHave() {
        hosts.register("shelf", "qemu:///system", "");
        Host host = hosts.list().stream()
                .filter(one -> one.name().equals("shelf"))
                .findFirst()
                .orElseThrow();
        HostStorage.Device device =
                new HostStorage.Device("/dev/disk/by-id/ata-Fast_1", "sdb", 4L << 30, "Fast", "has partitions");
        for (long free : List.of(1L << 30, 3L << 30)) {
            inventory.seen(
                    host.id(),
                    "shelf",
                    new HostStorage(
                            List.of(new HostStorage.Directory("/srv/shelf/berth-disks", 8L << 30, free)),
                            List.of(),
                            List.of(device)));
        }
        assertThat(admin.get("/admin/storage/new?kind=qcow2").asString())
                .contains("list=\"config.path-offers\"", "value=\"/srv/shelf/berth-disks\"")
                .contains("3.0 GiB of 8.0 GiB free on host shelf")
                .doesNotContain("1.0 GiB of 8.0 GiB free");
        assertThat(inventory.blockDevices("shelf")).containsExactly(device);
        assertThat(inventory.blockDevices("nowhere")).isEmpty();
    }

    @Test
    void aStorageProfileShowsTheRoomOnEachHost() {
        hosts.register("roomy", "qemu:///system", "");
        Host host = hosts.list().stream()
                .filter(one -> one.name().equals("roomy"))
                .findFirst()
                .orElseThrow();
        Profile profile = storage.create(BERTH, "roomy", "Roomy", "", "qcow2", Map.of("path", "/var/lib/berth/roomy"));
        storage.checked(
                profile.id(),
                host.id(),
                "roomy",
                new HostCheck(
                        List.of(),
                        List.of(),
                        Map.of("spaceTotal", Long.toString(8L << 30), "spaceFree", Long.toString(1L << 30))));
        assertThat(admin.html("/admin/storage/roomy"))
                .contains("quota-space-roomy", "7.0 GiB of 8.0 GiB in use, nothing promised", "getting tight");
        assertThat(admin.html("/admin/storage/new?states=yes"))
                .contains("Should it keep states", "advice-best", "It keeps states of itself");
    }
}
