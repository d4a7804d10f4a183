package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static dev.berth.testing.Portal.largeAsk;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.common.Csv;
import dev.berth.security.Caller;
import dev.berth.security.TenantRole;
import dev.berth.security.User;
import dev.berth.security.Users;
import dev.berth.tenancy.Members;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pages as a browser without scripts meets them. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class PagesTest {
    private static final Pattern INLINE =
            Pattern.compile("<script(?![^>]*\\ssrc=)|<style|\\sstyle\\s*=|\\son[a-z]+\\s*=|javascript:");
    private static final String PROBE = "<img src=x onerror=alert(1)>\"' {cdi:chrome.version}";

    @Inject
    Portal portal;

    @Inject
    Users users;

    @Inject
    Tenants tenants;

    @Inject
    Members members;

    @Inject
    DataSource database;

    private Browser alice;
    private Browser admin;

    @BeforeEach
    void signIn() {
        portal.make();
        alice = Browser.of("alice");
        admin = Browser.of("admin");
    }

    @Test
    void everyPageIsThereAndWithoutInlineScriptOrStyle() throws SQLException {
        String request = as("alice")
                .body(largeAsk("inline"))
                .post("/api/v1/tenants/blue/requests")
                .path("id");
        String machine = as("alice")
                .body(ask("inline-now"))
                .post("/api/v1/tenants/blue/requests")
                .path("machineId");
        UUID stray = UUID.randomUUID();
        sql(
                "insert into stray (id, host_name, kind, ref, name, vcpus, memory_mib, since)"
                        + " values (?, 'paper', 'DOMAIN', gen_random_uuid(), '<b>stray', 2, 512, now())",
                stray);
        List<String> pages = List.of(
                "/t/blue",
                "/t/blue/machines",
                "/t/blue/machines/" + machine,
                "/t/blue/machines/" + machine + "/network",
                "/t/blue/machines/" + machine + "/ports",
                "/t/blue/machines/" + machine + "/delete",
                "/t/blue/machines/" + machine + "/reset",
                "/t/blue/machines/bulk?action=delete&id=" + machine,
                "/t/blue/requests",
                "/t/blue/requests/new",
                "/t/blue/requests/" + request,
                "/t/blue/catalog",
                "/t/blue/networks",
                "/t/blue/members",
                "/t/blue/quota",
                "/t/blue/quota/ask?resource=disk_gib&more=3",
                "/t/blue/activity",
                "/account",
                "/account/notices",
                "/account/tokens",
                "/admin/users/alice/tokens",
                "/notices",
                "/notices?unread=true",
                "/t/blue/webhooks",
                "/admin/webhooks",
                "/t/blue/usage",
                "/admin/usage",
                "/admin/usage?by=template",
                "/admin/usage/prices",
                "/keys",
                "/inbox",
                "/inbox?kind=MACHINE&team=blue&whose=mine&age=1&sort=newest",
                "/admin/policies",
                "/admin/policies/try-out?team=blue&requester=alice&of=linux&size=tiny&network=nat&storage=qcow2&lease=24",
                "/admin/tenants",
                "/admin/tenants/blue",
                "/admin/plans?edit=small",
                "/admin/ledger",
                "/admin/ledger/strays/" + stray,
                "/admin/networks/nat/limits",
                "/admin/storage/qcow2/limits",
                "/admin/users",
                "/admin/users/alice",
                "/admin/users?q=nobody-is-called-so",
                "/admin/templates",
                "/admin/templates/linux",
                "/admin/images",
                "/admin/sizes",
                "/admin/networks",
                "/admin/networks/new",
                "/admin/networks/new?kind=nat",
                "/admin/networks/nat",
                "/admin/networks/nat/edit",
                "/admin/storage",
                "/admin/storage/new",
                "/admin/storage/qcow2",
                "/admin/hosts",
                "/admin/jobs",
                "/admin/jobs?state=scheduled&host=nowhere",
                "/admin/audit");
        for (String page : pages) {
            String html = admin.html(page);
            assertThat(INLINE.matcher(html).find()).as(page).isFalse();
            assertThat(html).as(page).containsOnlyOnce("<h1>").contains("<main id=\"content\"");
        }
        assertThat(admin.html("/admin/ledger"))
                .contains("&lt;b&gt;stray", "Machine, off", "2 vCPU, 512 MiB", "/admin/ledger/strays/" + stray)
                .doesNotContain("<b>stray");
        assertThat(admin.post("/admin/ledger/strays/" + stray, Map.of("confirm", "no"))
                        .asString())
                .contains("id=\"error-confirm\"");
        assertThat(admin.post("/admin/ledger/strays/" + stray, Map.of("confirm", "<b>stray"))
                        .statusCode())
                .isEqualTo(303);
        assertThat(admin.html("/admin/ledger")).contains("Being removed");
        sql("delete from stray where id = ?", stray);
    }

    @Test
    void theWallOffersToAskForMore() {
        String tenant = portal.tenant(0);
        Browser user = Browser.of(tenant + "-user");
        Response wall = user.post(
                "/t/" + tenant + "/requests",
                Map.of(
                        "template",
                        "linux",
                        "size",
                        "tiny",
                        "name",
                        "one",
                        "network",
                        "nat",
                        "storage",
                        "qcow2",
                        "lease",
                        "24"));
        assertThat(wall.statusCode()).isEqualTo(409);
        assertThat(wall.asString())
                .contains("which is 1 too much")
                .contains("/t/" + tenant + "/quota/ask?resource=machines&amp;profile=&amp;more=1");
        assertThat(user.html("/t/" + tenant + "/quota/ask?resource=machines&profile=&more=1"))
                .contains("value=\"machines/\" selected", "name=\"more\" value=\"1\"");
        Response asked =
                user.post("/t/" + tenant + "/quota/ask", Map.of("line", "machines/", "more", "1", "reason", "a test"));
        assertThat(asked.statusCode()).isEqualTo(303);
        assertThat(user.html(URI.create(asked.header("Location")).getPath())).contains("Makes it", "for good");
        assertThat(user.post("/t/" + tenant + "/quota/ask", Map.of("line", "machines/", "more", "0", "reason", ""))
                        .asString())
                .contains("id=\"error-more\"", "id=\"error-reason\"");
        admin.post("/t/" + tenant + "/quota/shares", Map.of("username", "", "machines", "2"));
        assertThat(user.html("/t/" + tenant + "/quota")).contains("Your share of machines", "0 of 2 in use");
    }

    @Test
    void whatIsAnotherTenantsIsNotFound() {
        String machine = as("alice")
                .body(ask("not-carols"))
                .post("/api/v1/tenants/blue/requests")
                .path("machineId");
        Browser carol = Browser.of("carol");
        for (String path : List.of(
                "/t/blue",
                "/t/blue/machines",
                "/t/blue/machines/" + machine,
                "/t/green/machines/" + machine,
                "/t/green/machines/" + machine + "/network",
                "/t/green/machines/" + machine + "/row",
                "/t/blue/live",
                "/t/blue/members",
                "/t/blue/requests/new")) {
            assertThat(carol.get(path).statusCode()).as(path).isEqualTo(404);
        }
        assertThat(carol.post("/t/green/machines/" + machine + "/stop", Map.of())
                        .statusCode())
                .isEqualTo(404);
        assertThat(carol.post("/t/blue/members", Map.of("username", "carol", "role", "OWNER"))
                        .statusCode())
                .isEqualTo(404);
        for (String path : List.of("/admin/users", "/admin/users/alice", "/admin/tenants")) {
            assertThat(carol.get(path).statusCode()).as(path).isEqualTo(403);
        }
        assertThat(carol.post("/admin/users/alice/disable", Map.of()).statusCode())
                .isEqualTo(403);
        assertThat(carol.get("/inbox").asString())
                .as("what waits for her team alone")
                .contains("Nothing waits for you.");
        assertThat(carol.get("/admin/jobs").statusCode()).isEqualTo(403);
        assertThat(carol.post("/admin/jobs/" + machine + "/run", Map.of()).statusCode())
                .isEqualTo(403);
    }

    /** Nothing about a person is kept from one page to the next. */
    @Test
    void whoLeavesATeamIsOutWithTheNextPage() throws SQLException {
        User gina = users.create("gina", "Gina", false, Portal.PASSWORD);
        Caller berth = Caller.system("test");
        Tenant blue = tenants.get(berth, "blue");
        members.add(berth, blue, "gina", TenantRole.MEMBER);
        Browser browser = Browser.of("gina");
        assertThat(browser.html("/t/blue/machines")).contains("<small>blue</small>");
        members.remove(berth, blue, "gina");
        assertThat(browser.get("/t/blue/machines").statusCode()).isEqualTo(404);
        assertThat(browser.html("/keys")).doesNotContain("<small>blue</small>");
        sql("update app_user set disabled = true where id = ?", gina.id());
        assertThat(browser.get("/keys").header("Location")).endsWith("/login");
    }

    @Test
    void aButtonInTheListLeadsBackToIt() throws SQLException {
        String machine = as("alice")
                .body(ask("in-the-list"))
                .post("/api/v1/tenants/blue/requests")
                .path("machineId");
        sql(
                "update machine set state = 'RUNNING', seen = 'RUNNING', provisioned_at = now() where id = ?",
                UUID.fromString(machine));
        String list = "/t/blue/machines?sort=name";
        String stop = "/t/blue/machines/" + machine + "/stop";
        assertThat(alice.html(list))
                .contains(
                        "<form id=\"act\" method=\"post\"><input type=\"hidden\" name=\"back\" value=\"" + list + "\">")
                .contains("form=\"act\" formaction=\"" + stop + "\"");
        Response sent = alice.post(stop, Map.of("back", list));
        assertThat(sent.statusCode()).isEqualTo(303);
        assertThat(sent.header("Location")).endsWith(list);
        assertThat(alice.html("/t/blue/machines/" + machine + "/row")).contains("Stopping");
    }

    private void sql(String statement, UUID id) throws SQLException {
        try (var connection = database.getConnection();
                var change = connection.prepareStatement(statement)) {
            change.setObject(1, id);
            assertThat(change.executeUpdate()).isEqualTo(1);
        }
    }

    private static Map<String, Object> form(String name) {
        Map<String, Object> form = new HashMap<>(ask(name));
        form.remove("leaseHours");
        form.put("lease", "24");
        form.put("formToken", UUID.randomUUID().toString());
        return form;
    }

    @Test
    void aRequestThatPassesLeadsToItsMachine() {
        Response sent = alice.post("/t/blue/requests", form("passes"));
        assertThat(sent.statusCode()).isEqualTo(303);
        assertThat(sent.header("Location")).contains("/t/blue/machines/");
        String page = alice.request()
                .cookie("berth_flash", sent.cookie("berth_flash"))
                .get(sent.header("Location"))
                .then()
                .statusCode(200)
                .extract()
                .asString();
        assertThat(page).contains("approved by itself", "passes", "Being created");
    }

    @Test
    void nothingTypedIsLostWhenAFieldIsWrong() {
        Map<String, Object> form = form("Not A Name");
        form.put("reason", "Because\nof " + PROBE);
        form.put("userData", "#!/bin/sh\necho kept");
        form.put("sshKeys", "ssh-nonsense AAAA");
        form.put("lease", "other");
        form.put("leaseHours", "9999999");
        Response refused = alice.post("/t/blue/requests", form);
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.asString())
                .contains(
                        "value=\"Not A Name\"",
                        "lower-case letters, digits and hyphens",
                        "echo kept",
                        "ssh-nonsense AAAA",
                        "This is not an SSH public key",
                        "value=\"9999999\"",
                        "of &lt;img src=x onerror=alert(1)&gt;")
                .doesNotContain("<img src=x");
    }

    @Test
    void aFormSentTwiceMakesOneRequest() {
        Map<String, Object> form = form("only-once");
        String first = alice.post("/t/blue/requests", form).header("Location");
        String second = alice.post("/t/blue/requests", form).header("Location");
        assertThat(second).isEqualTo(first);
    }

    @Test
    void thePreviewSaysWhatComesOfItAndChangesNothing() {
        Map<String, Object> form = form("preview");
        form.put("size", "medium");
        form.put("shown", "linux");
        long before =
                portal.used("blue").values().stream().mapToLong(Long::longValue).sum();
        String parts = alice.request()
                .header("HX-Request", "true")
                .formParams(form)
                .post("/t/blue/requests/preview")
                .then()
                .statusCode(200)
                .extract()
                .asString();
        assertThat(parts).contains("id=\"preview\"", "Needs an admin&#39;s yes").doesNotContain("<html", "choices");
        String whole = alice.post("/t/blue/requests/preview", form).asString();
        assertThat(whole).contains("<html", "value=\"preview\"", "Needs an admin&#39;s yes");
        assertThat(portal.used("blue").values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(before);
    }

    @Test
    void whatPeopleTypeIsShownAsText() {
        Map<String, Object> ask = largeAsk("probe");
        ask.put("reason", PROBE);
        ask.put("userData", "</pre><script>alert(2)</script>");
        String id = as("alice").body(ask).post("/api/v1/tenants/blue/requests").path("id");
        for (String html : List.of(admin.html("/inbox"), alice.html("/t/blue/requests/" + id))) {
            assertThat(html)
                    .contains("&lt;img src=x onerror=alert(1)&gt;", "{cdi:chrome.version}")
                    .doesNotContain("<img src=x", "<script>alert");
        }
    }

    @Test
    void anAdminDeniesWithAReasonAndTheRequesterReadsIt() {
        String id = as("alice")
                .body(largeAsk("denied"))
                .post("/api/v1/tenants/blue/requests")
                .path("id");
        Response without = admin.post("/inbox/" + id + "/deny", Map.of("reason", " "));
        assertThat(without.statusCode()).isEqualTo(422);
        assertThat(without.asString()).contains("Say why: the requester reads it.");
        assertThat(admin.post("/inbox/" + id + "/deny", Map.of("reason", "Not this <week>"))
                        .statusCode())
                .isEqualTo(303);
        assertThat(alice.html("/t/blue/requests/" + id)).contains("Denied", "Not this &lt;week&gt;");
        Response late = admin.post("/inbox/" + id + "/approve", Map.of());
        assertThat(late.statusCode()).isEqualTo(303);
        String told = admin.request()
                .cookie("berth_flash", late.cookie("berth_flash"))
                .get("/inbox")
                .asString();
        assertThat(told).contains("no longer open: it was denied by admin");
    }

    @Test
    void deletingNeedsTheName() {
        String machine = as("alice")
                .body(ask("to-delete"))
                .post("/api/v1/tenants/blue/requests")
                .path("machineId");
        String url = "/t/blue/machines/" + machine + "/delete";
        Response refused = alice.post(url, Map.of("confirm", "something"));
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.asString()).contains("Type the name exactly");
        assertThat(alice.post(url, Map.of("confirm", "to-delete")).statusCode()).isEqualTo(303);
        assertThat(alice.html("/t/blue/machines/" + machine)).contains("Being deleted");
    }

    @Test
    void cardsAreAddedAndRemovedByForm() {
        String machine = as("alice")
                .body(ask("two-cards"))
                .post("/api/v1/tenants/blue/requests")
                .path("machineId");
        String url = "/t/blue/machines/" + machine + "/network";
        Map<String, String> form =
                Map.of("network", "nat", "card", UUID.randomUUID().toString());
        assertThat(alice.post(url, form).statusCode()).isEqualTo(303);
        assertThat(alice.post(url, form).statusCode()).isEqualTo(303);
        List<String> nics =
                as("alice").get("/api/v1/machines/" + machine + "/nics").path("items.id");
        assertThat(nics).as("sent twice").hasSize(2);
        assertThat(alice.html(url)).contains("Being added", "Plugged in", "The guest has to let go of it.");
        assertThat(alice.post(url + "/" + nics.get(1) + "/remove", Map.of()).statusCode())
                .isEqualTo(303);
        assertThat(alice.html(url + "/now")).contains("Being removed").doesNotContain("<html");
        Response refused = alice.post(url, Map.of("network", "no-such"));
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.asString()).contains("Choose one of the networks");
    }

    @Test
    void formsLeadBackOnlyToThisSite() {
        for (String evil : List.of("https://example.org/", "//example.org", "/\\example.org", "/a\r\nb: c")) {
            assertThat(alice.post("/theme", Map.of("theme", "dark", "back", evil))
                            .header("Location"))
                    .as(evil)
                    .doesNotContain("example.org")
                    .endsWith("/");
        }
        assertThat(alice.post("/theme", Map.of("theme", "dark", "back", "/keys?x=1"))
                        .header("Location"))
                .endsWith("/keys?x=1");
    }

    @Test
    void teamsAreFoundByName() {
        assertThat(admin.html("/admin/tenants?q=BLU")).contains("tenant-blue").doesNotContain("tenant-green");
        assertThat(admin.html("/admin/tenants?q=%25")).contains("No team fits this filter");
    }

    @Test
    void theExportIsNoFormula() {
        assertThat(Csv.line("=1+1", "plain", "a \"b\"", "-x"))
                .isEqualTo("\"'=1+1\",\"plain\",\"a \"\"b\"\"\",\"'-x\"\r\n");
        assertThat(admin.html("/admin/audit.csv")).startsWith("\"at\",\"user\"").contains("size.create");
        assertThat(alice.get("/admin/audit.csv").statusCode()).isEqualTo(403);
        assertThat(admin.html("/admin/macs.csv?network=nat")).startsWith("\"mac\",\"address\"");
        assertThat(alice.get("/admin/macs.csv").statusCode()).isEqualTo(403);
    }
}
