package dev.berth.web;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.machines.MachineStatus;
import dev.berth.machines.SnapshotStatus;
import dev.berth.machines.Task;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Snapshots as a browser without scripts takes, reverts to, clones and deletes them. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class SnapshotPagesTest {
    @Inject
    Portal portal;

    @Inject
    MachineStatus status;

    @Inject
    SnapshotStatus snapshots;

    private String tenant;
    private UUID machine;
    private Browser browser;
    private String page;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(4);
        browser = Browser.of(tenant + "-user");
        machine = UUID.fromString(as(tenant + "-user")
                .body(ask("kept"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .path("machineId"));
        page = "/t/" + tenant + "/machines/" + machine + "/snapshots";
    }

    @Test
    void fromTakingToDeleting() {
        assertThat(browser.html(page))
                .contains("No snapshot.", "it is being created")
                .doesNotContain("take-snapshot");
        Task task = status.task(machine).orElseThrow();
        status.running(task, true);
        status.settled(task);
        assertThat(browser.html(page)).contains("take-snapshot", "takes space of its own", "0 of 100 in use");

        Response wrong = browser.post(
                page, Map.of("name", "", "snapshot", UUID.randomUUID().toString()));
        assertThat(wrong.statusCode()).isEqualTo(422);
        String token = UUID.randomUUID().toString();
        for (int twice = 0; twice < 2; twice++) {
            Response taken = browser.post(page, Map.of("name", "<b>before</b>", "snapshot", token));
            assertThat(taken.statusCode()).isEqualTo(303);
        }
        String html = browser.html(page);
        assertThat(html)
                .contains("&lt;b&gt;before&lt;/b&gt;", "Being taken", "1 of 100 in use", "vda, 1 GiB")
                .doesNotContain("<b>before", "Power off and revert");
        snapshots.jobs(status.task(machine).orElseThrow()).forEach(job -> snapshots.taken(job, true, 5 << 20));
        status.settled(status.task(machine).orElseThrow());
        assertThat(browser.html(page + "/now"))
                .contains("Ready", "5 MiB", "written everything out", "Power off and revert", "is lost")
                .doesNotContain("<html");

        String clone = page + "/" + token + "/clone";
        assertThat(browser.html(clone)).contains("Clone kept", "&lt;b&gt;before", "Linux, revision 1", "ask-clone");
        Response refused = browser.post(
                clone,
                Map.of("name", "kept", "size", "tiny", "network", "nat", "storage", "qcow2", "leaseHours", "24"));
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.asString()).contains("Choose another name");
        Response cloned = browser.post(
                clone,
                Map.of("name", "copy", "size", "tiny", "network", "nat", "storage", "qcow2", "leaseHours", "24"));
        assertThat(cloned.statusCode()).isEqualTo(303);
        assertThat(cloned.header("Location")).contains("/machines/");

        assertThat(browser.post(page + "/" + token + "/delete", Map.of()).statusCode())
                .isEqualTo(303);
        assertThat(browser.html(page)).as("a clone holds it").contains("Ready");
        assertThat(browser.post(page + "/" + token + "/revert", Map.of()).statusCode())
                .isEqualTo(303);
        assertThat(browser.html(page)).contains("Being reverted to");
        assertThat(browser.html("/t/" + tenant + "/activity")).contains("took a snapshot of", "reverted to a snapshot");
        assertThat(browser.get(page + "/" + UUID.randomUUID() + "/clone").statusCode())
                .isEqualTo(404);
    }

    @Test
    void isNotFoundByOthersOrUnderAnotherTeam() {
        String other = portal.tenant(1);
        assertThat(Browser.of(other + "-user").get(page).statusCode()).isEqualTo(404);
        assertThat(Browser.of("admin")
                        .get(page.replace("/t/" + tenant, "/t/blue"))
                        .statusCode())
                .isEqualTo(404);
    }
}
