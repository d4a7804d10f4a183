package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Adding, growing, detaching and deleting disks as a browser without scripts does it. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class DiskPagesTest {
    @Inject
    Portal portal;

    private String tenant;
    private Browser browser;
    private String machine;
    private String page;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(2);
        browser = Browser.of(tenant + "-user");
        machine = as(tenant + "-user")
                .body(ask("web"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .path("machineId");
        page = "/t/" + tenant + "/machines/" + machine + "/disks";
    }

    private String add(String name) {
        Response added = browser.post(page, Map.of("storage", "qcow2", "sizeGib", "3", "name", name));
        assertThat(added.statusCode()).isEqualTo(303);
        assertThat(added.header("Location")).endsWith(page);
        return as(tenant + "-user")
                .get("/api/v1/tenants/{tenant}/disks?q={name}", tenant, name)
                .path("items[0].id");
    }

    @Test
    void aDiskIsAddedGrownDetachedAndDeleted() {
        assertThat(browser.html(page)).contains("from the template", "qcow2 file", "Thin: takes only", "GiB of 10000");
        String disk = add("data");
        String serial = disk.replace("-", "").substring(0, 20);
        assertThat(browser.html(page)).contains("data", "Being added", "/dev/disk/by-id/virtio-" + serial, "/dev/vdb");
        assertThat(browser.html(page + "/now")).contains("Being added").doesNotContain("<html");
        assertThat(browser.html("/t/" + tenant + "/machines/" + machine)).contains("3 GiB", page);

        String own = "/t/" + tenant + "/disks/" + disk;
        assertThat(browser.html(own + "/grow")).contains("It has 3 GiB on web", "value=\"6\"");
        Response smaller = browser.post(own + "/grow", Map.of("sizeGib", "2"));
        assertThat(smaller.statusCode()).isEqualTo(422);
        assertThat(smaller.asString()).contains("can&#39;t be made smaller", "value=\"2\"");
        assertThat(browser.post(own + "/grow", Map.of("sizeGib", "5")).header("Location"))
                .endsWith(page);
        assertThat(browser.html(page)).contains("5 GiB");

        assertThat(browser.post(own + "/detach", Map.of()).header("Location")).endsWith(page);
        assertThat(browser.html(page)).contains("Being detached").doesNotContain("action=\"" + own + "/detach\"");

        Response wrong = browser.post(own + "/delete", Map.of("confirm", "date"));
        assertThat(wrong.statusCode()).isEqualTo(422);
        assertThat(wrong.asString()).contains("Type the name exactly, data");
        assertThat(browser.post(own + "/delete", Map.of("confirm", "data")).statusCode())
                .isEqualTo(303);
        assertThat(browser.html("/t/" + tenant + "/disks")).contains("Being deleted");
        assertThat(browser.html("/t/" + tenant + "/activity")).contains("added the disk", "asked to delete the disk");
    }

    @Test
    void theTeamsListIsFilteredByItsAddress() {
        add("apples");
        add("pears");
        assertThat(browser.html("/t/" + tenant + "/disks")).contains("apples", "pears", "system", page);
        assertThat(browser.html("/t/" + tenant + "/disks?q=app"))
                .contains("apples")
                .doesNotContain("pears");
        assertThat(browser.html("/t/" + tenant + "/disks?with=no")).contains("No disk fits this filter");
        String other = portal.tenant(1);
        assertThat(Browser.of(other + "-user").html("/t/" + other + "/disks")).contains("No disks yet");
    }

    @Test
    void losesNothingTypedWhenSomethingIsWrong() {
        Response refused = browser.post(page, Map.of("storage", "qcow2", "sizeGib", "0", "name", "Bad <b>"));
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.asString())
                .contains("value=\"0\"", "Bad &lt;b&gt;", "Choose between 1 and", "lower-case letters")
                .doesNotContain("Bad <b>");
    }

    @Test
    void deletingAMachineAsksAboutItsDataDisks() {
        String delete = "/t/" + tenant + "/machines/" + machine + "/delete";
        assertThat(browser.html(delete)).contains("its system disk").doesNotContain("Delete too");
        String disk = add("data");
        assertThat(browser.html(delete)).contains("1 data disk with 3 GiB (data)", "Keep", "Delete too");
        assertThat(browser.post(delete, Map.of("confirm", "web", "disks", "delete"))
                        .statusCode())
                .isEqualTo(303);
        assertThat(as(tenant + "-user").get("/api/v1/disks/{id}", disk).<String>path("state"))
                .isEqualTo("deleting");
    }

    @Test
    void anAdminSetsATeamsLimit() {
        Browser admin = Browser.of("admin");
        String limits = "/admin/storage/qcow2/limits";
        assertThat(admin.html("/admin/storage/qcow2")).contains(limits);
        assertThat(admin.post(limits, Map.of("tenant", tenant, "gib", "-3")).statusCode())
                .isEqualTo(422);
        assertThat(admin.post(limits, Map.of("tenant", tenant, "gib", "3")).statusCode())
                .isEqualTo(303);
        assertThat(admin.html(limits)).contains(tenant, "of 3 GiB in use");
        Response refused = browser.post(page, Map.of("storage", "qcow2", "sizeGib", "3", "name", "more"));
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.asString()).contains("disk on qcow2 is used up", "of 3 GiB in use");
        assertThat(admin.post(limits, Map.of("tenant", tenant, "gib", "")).statusCode())
                .isEqualTo(303);
        add("more");
        assertThat(browser.get(limits).statusCode()).isEqualTo(403);
    }

    @Test
    void isNotFoundByOthersOrUnderAnotherTeam() {
        String own = "/t/" + tenant + "/disks/" + add("data") + "/grow";
        String other = portal.tenant(1);
        for (String address : new String[] {page, own, "/t/" + tenant + "/disks"}) {
            assertThat(Browser.of(other + "-user").get(address).statusCode()).isEqualTo(404);
        }
        for (String address : new String[] {page, own}) {
            assertThat(Browser.of("admin")
                            .get(address.replace("/t/" + tenant, "/t/blue"))
                            .statusCode())
                    .isEqualTo(404);
        }
    }
}
