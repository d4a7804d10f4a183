package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import com.microsoft.playwright.Page;
import dev.berth.catalog.Policy;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.Templates;
import dev.berth.security.Caller;
import dev.berth.tenancy.Resource;
import dev.berth.testing.Chrome;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Directories that machines share, as admins offer them and people ask for them, by the API and by pages. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class SharesTest {
    private static final Caller BERTH = Caller.system("test");

    @TestHTTPResource("/")
    URI portalUrl;

    @Inject
    Portal portal;

    @Inject
    Templates templates;

    private String tenant;
    private String user;
    private String slug;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(3);
        user = tenant + "-user";
        slug = "files-" + tenant;
    }

    private static Response profile(String slug, Map<String, String> config) {
        return as("admin")
                .body(Map.of("slug", slug, "name", "Files " + slug, "kind", "share", "config", config))
                .post("/api/v1/storage-profiles");
    }

    /** A machine whose template offers the directory. */
    private String machine() {
        profile(slug, Map.of("path", "/srv/berth-shares/" + slug)).then().statusCode(201);
        templates.create(BERTH, slug, "With files", "", new Policy(1, 512, 5, 48, 720));
        templates.revise(
                BERTH,
                slug,
                new Templates.RevisionDraft("linux", List.of("tiny"), List.of("nat"), List.of("qcow2", slug), ""));
        templates.setState(BERTH, slug, 1, RevisionState.APPROVED);
        Map<String, Object> ask = ask(slug);
        ask.put("template", slug);
        return as(user).body(ask)
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .path("machineId");
    }

    @Test
    void aHostilePathMakesNoProfile() {
        for (String path : List.of(
                "/srv/../etc",
                "/etc/ssh",
                "/",
                "/srv/a,b",
                "/srv/a\n/srv/b",
                "/srv/a\u0000",
                "srv/a",
                "/var/lib/libvirt")) {
            profile(slug, Map.of("path", path)).then().statusCode(400).body("errors.field", hasItem("path"));
        }
        profile(slug, Map.of("path", "/srv/a/b", "mode", "sideways")).then().statusCode(400);
        profile(slug, Map.of("path", "/srv/a/b", "binary", "/bin/sh")).then().statusCode(400);
    }

    @Test
    void nobodySharesWhatIsInsideWhatOthersShare() {
        String path = "/srv/nested/" + slug;
        profile(slug, Map.of("path", path)).then().statusCode(201);
        for (String other : List.of(path + "/blue", "/srv/nested")) {
            profile(slug + "-in", Map.of("path", other))
                    .then()
                    .statusCode(400)
                    .body("errors[0].detail", containsString("Storage profile " + slug));
        }
        profile(slug + "-in", Map.of("path", path, "who", "all-in-one")).then().statusCode(400);
        profile(slug + "-ro", Map.of("path", path, "mode", "read-only")).then().statusCode(201);
        as("admin")
                .body(Map.of(
                        "slug", slug + "-raw", "name", "Raw", "kind", "raw", "config", Map.of("path", path + "/disks")))
                .post("/api/v1/storage-profiles")
                .then()
                .statusCode(400);
        profile(slug + "-img", Map.of("path", "/var/lib/berth-" + slug)).then().statusCode(201);
    }

    @Test
    void aMachineGetsAndLosesADirectory() {
        String machine = machine();
        as(user).get("/api/v1/machines/{id}/shares", machine).then().body("items", empty());
        long disks = portal.used(tenant).get(Resource.DISK_GIB);
        Response added = as(user).body(Map.of("storage", slug)).post("/api/v1/machines/{id}/shares", machine);
        added.then()
                .statusCode(202)
                .body("state", equalTo("adding"))
                .body("tag", equalTo(slug))
                .body(
                        "command",
                        equalTo("mkdir -p /mnt/" + slug + " && mount -t virtiofs -o rw " + slug + " /mnt/" + slug))
                .body("fstab", equalTo(slug + " /mnt/" + slug + " virtiofs rw,nofail 0 0"));
        String share = added.path("id");
        as(user).body(Map.of("storage", slug))
                .post("/api/v1/machines/{id}/shares", machine)
                .then()
                .statusCode(202)
                .body("id", equalTo(share));
        assertThat(portal.used(tenant)).containsEntry(Resource.DISK_GIB, disks);

        as(user).delete("/api/v1/machines/{id}/shares/{share}", machine, share)
                .then()
                .statusCode(202)
                .body("state", equalTo("removing"));
        as(user).body(Map.of("storage", slug))
                .post("/api/v1/machines/{id}/shares", machine)
                .then()
                .body("id", equalTo(share))
                .body("state", equalTo("adding"));
        as(user).body(Map.of("storage", "qcow2"))
                .post("/api/v1/machines/{id}/shares", machine)
                .then()
                .statusCode(400);
        as("admin")
                .body(Map.of("name", "Files", "config", Map.of("path", "/srv/elsewhere/" + slug)))
                .put("/api/v1/storage-profiles/{slug}", slug)
                .then()
                .statusCode(400)
                .body("errors[0].detail", containsString("a machine uses"));

        String stranger = portal.tenant(1) + "-user";
        as(stranger).get("/api/v1/machines/{id}/shares", machine).then().statusCode(404);
        as(stranger)
                .body(Map.of("storage", slug))
                .post("/api/v1/machines/{id}/shares", machine)
                .then()
                .statusCode(404);
        as(stranger)
                .delete("/api/v1/machines/{id}/shares/{share}", machine, share)
                .then()
                .statusCode(404);
    }

    @Test
    void isNothingThatADiskCanBeOn() {
        String machine = machine();
        as(user).get("/api/v1/templates")
                .then()
                .body("items.find { it.slug == '" + slug + "' }.revisions[0].storage", equalTo(List.of("qcow2")))
                .body("items.find { it.slug == '" + slug + "' }.revisions[0].shares", equalTo(List.of(slug)));
        Map<String, Object> onShare = new HashMap<>(ask("nope"));
        onShare.put("template", slug);
        onShare.put("storage", slug);
        as(user).body(onShare)
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(400)
                .body("errors.field", hasItem("storage"));
        as(user).body(Map.of("storage", slug, "sizeGib", 1, "name", "data"))
                .post("/api/v1/machines/{id}/disks", machine)
                .then()
                .statusCode(400);
        String disk = as(user).get("/api/v1/machines/{id}/disks", machine).path("items[0].id");
        assertThat(Browser.of("admin").html("/t/" + tenant + "/machines/" + machine + "/disks/" + disk + "/move"))
                .doesNotContain("value=\"" + slug + "\"");
        assertThat(Browser.of(user).html("/t/" + tenant + "/requests/new?template=" + slug))
                .doesNotContain("value=\"" + slug + "\" name=\"storage\"")
                .doesNotContain("storage-" + slug);
        as("admin")
                .body(Map.of(
                        "image",
                        "linux",
                        "sizes",
                        List.of("tiny"),
                        "networks",
                        List.of("nat"),
                        "storage",
                        List.of(slug)))
                .post("/api/v1/templates/{slug}/revisions", slug)
                .then()
                .statusCode(400)
                .body("errors[0].detail", containsString("can't start from a shared directory"));
        as("admin")
                .get("/api/v1/storage-kinds")
                .then()
                .body("items.find { it.id == 'share' }.traits.price", containsString("Not a boot disk"));
        as("admin").get("/api/v1/templates/{slug}", slug).then().body("revisions[0].notes", not(nullValue()));
    }

    @Test
    @Tag("browser")
    void aPersonSharesADirectoryInABrowser() {
        tenant = "blue";
        user = "alice";
        String machine = machine();
        String path = "/t/" + tenant + "/machines/" + machine + "/disks";
        try (Chrome chrome = new Chrome(portalUrl)) {
            Page page = chrome.signIn(user);
            page.navigate(chrome.url(path));
            chrome.check(page, "shares-none");
            page.locator("#add-share").click();
            page.waitForURL("**" + path);
            assertThat(page.locator("#shares-title").isVisible()).isTrue();
            assertThat(page.locator("#disks").textContent())
                    .contains("Files " + slug, "Being added", "mount -t virtiofs -o rw " + slug, "fstab");
            assertThat(page.locator("#share-" + slug).count()).isZero();
            chrome.check(page, "shares");
            page.locator("section[aria-labelledby=shares-title] summary").click();
            page.locator("section[aria-labelledby=shares-title] .confirm-form button")
                    .click();
            page.waitForURL("**" + path);
            assertThat(page.locator("#disks").textContent()).contains("Being removed");
            assertThat(chrome.errors()).isEmpty();
        }
        assertThat(Browser.of(user).html("/t/" + tenant + "/activity"))
                .contains("shared a directory with", "shared a directory no longer with");
    }
}
