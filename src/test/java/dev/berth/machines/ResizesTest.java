package dev.berth.machines;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import dev.berth.security.Caller;
import dev.berth.tenancy.Resource;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import dev.berth.web.Browser;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What another size takes and gives back, and when. The test does what a worker would. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class ResizesTest {
    private static final Caller BERTH = Caller.system("test");

    @Inject
    Portal portal;

    @Inject
    Machines machines;

    @Inject
    Disks disks;

    @Inject
    MachineStatus status;

    private String tenant;
    private UUID machine;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(3);
        machine = UUID.fromString(as(tenant + "-user")
                .body(ask("grower"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .path("machineId"));
        start();
    }

    @AfterEach
    void isExact() {
        assertThat(portal.drift()).isEmpty();
    }

    @Test
    void aRunningMachineHasItsNewSizeFromItsNextStart() {
        Machine before = machines.get(BERTH, machine);
        long memory = portal.used(tenant).get(Resource.MEMORY_MIB);

        resize("small", false)
                .statusCode(202)
                .body("size", equalTo("Small"))
                .body("former.vcpus", equalTo(before.vcpus()));
        Machine small = machines.get(BERTH, machine);
        assertThat(small.memoryMib()).isGreaterThan(before.memoryMib());
        assertThat(small.diskGib()).isGreaterThanOrEqualTo(before.diskGib());
        assertThat(disks.list(BERTH, machine).get(0).sizeGib()).isEqualTo(small.diskGib());
        assertThat(portal.used(tenant))
                .containsEntry(Resource.MEMORY_MIB, memory + small.memoryMib() - before.memoryMib())
                .containsEntry(Resource.DISK_GIB, small.diskGib());
        assertThat(Browser.of(tenant + "-user").html("/t/" + tenant + "/machines/" + machine))
                .contains("until its next start", "restart-now");
        Task task = task();
        assertThat(task.resizing()).isTrue();
        assertThat(task.operation()).isEqualTo(Operation.RESIZE);
        assertThat(task.domain().memoryMib()).isEqualTo(small.memoryMib());
        status.settled(task);

        // Back again while it still runs with its first figures: what was taken is held until nothing can have it.
        resize("tiny", true).statusCode(202).body("state", equalTo("RESTARTING"));
        assertThat(portal.used(tenant))
                .containsEntry(Resource.MEMORY_MIB, memory + small.memoryMib() - before.memoryMib());
        task = task();
        assertThat(task.restart()).isEqualTo(Restart.CYCLE);
        status.restarted(task);
        status.resized(task);
        status.resized(task);
        status.running(task, true);
        status.settled(task);
        as(tenant + "-user").get("/api/v1/machines/" + machine).then().body("former", nullValue());
        assertThat(portal.used(tenant)).containsEntry(Resource.MEMORY_MIB, memory);
        assertThat(task().resizing()).isFalse();
        assertThat(machines.get(BERTH, machine).diskGib()).as("never shrinks").isEqualTo(small.diskGib());
    }

    @Test
    void aSmallerSizeGivesBackOnceTheMachineIsOff() {
        as("admin").body(Map.of("size", "small")).post("/api/v1/machines/" + machine + "/resize");
        switchOff();
        status.resized(task());
        status.settled(task());
        long memory = portal.used(tenant).get(Resource.MEMORY_MIB);

        resize("tiny", true).statusCode(202).body("state", equalTo("STOPPED")).body("former", nullValue());
        assertThat(portal.used(tenant)).containsEntry(Resource.MEMORY_MIB, memory);
        status.resized(task());
        assertThat(portal.used(tenant))
                .containsEntry(Resource.MEMORY_MIB, machines.get(BERTH, machine).memoryMib());
    }

    @Test
    void thePolicyAndTheQuotaHold() {
        resize("medium", false).statusCode(409).body("code", equalTo("needs-approval"));
        resize("giant", false).statusCode(400).body("errors[0].field", equalTo("size"));
        Machine before = machines.get(BERTH, machine);
        as("admin")
                .body(Map.of("limits", Map.of("memory_mib", before.memoryMib())))
                .put("/api/v1/tenants/" + tenant + "/quota");
        resize("small", false).statusCode(409).body("code", equalTo("quota-exceeded"));
        assertThat(machines.get(BERTH, machine).memoryMib()).isEqualTo(before.memoryMib());
        assertThat(task().resizing()).isFalse();
        as("bob")
                .body(Map.of("size", "small"))
                .post("/api/v1/machines/" + machine + "/resize")
                .then()
                .statusCode(404);
    }

    /** What does not pass by itself is asked for; the open request holds what it takes, and a yes does it. */
    @Test
    void aSizeOverThePolicyIsAskedFor() {
        long before = portal.used(tenant).get(Resource.MEMORY_MIB);
        Browser member = Browser.of(tenant + "-user");
        String url = "/t/" + tenant + "/machines/" + machine + "/size";
        assertThat(member.html(url + "/preview?size=medium")).contains("What it is for");
        assertThat(member.post(url, Map.of("size", "medium", "reason", "The index no longer fits."))
                        .statusCode())
                .isEqualTo(303);
        String id = request("PENDING");
        assertThat(portal.used(tenant).get(Resource.MEMORY_MIB)).isGreaterThan(before);
        assertThat(member.html(url)).contains("was asked for already");
        askFor("small").statusCode(409).body("code", equalTo("already-asked"));
        as(tenant + "-user").post("/api/v1/requests/" + id + "/withdraw").then().statusCode(200);
        assertThat(portal.used(tenant)).containsEntry(Resource.MEMORY_MIB, before);

        askFor("medium").statusCode(201).body("kind", equalTo("RESIZE")).body("state", equalTo("PENDING"));
        long held = portal.used(tenant).get(Resource.MEMORY_MIB);
        as("admin")
                .post("/api/v1/requests/" + request("PENDING") + "/approve")
                .then()
                .statusCode(200);
        assertThat(machines.get(BERTH, machine).sizeName()).isEqualTo("Medium");
        assertThat(portal.used(tenant)).containsEntry(Resource.MEMORY_MIB, held);
        assertThat(machines.get(BERTH, machine).memoryMib()).isEqualTo(held);
    }

    @Test
    void aSmallerSizeIsOfferedAndHoldsLess() {
        long before = portal.used(tenant).get(Resource.MEMORY_MIB);
        askFor("medium").statusCode(201);
        String id = request("PENDING");
        long asked = portal.used(tenant).get(Resource.MEMORY_MIB);
        as("admin")
                .get("/api/v1/requests/{id}/parts", id)
                .then()
                .body("items[0].options.value", equalTo(List.of("small", "medium")));
        offer(id, "tiny").statusCode(400).body("errors[0].field", equalTo("size"));
        offer(id, "small").statusCode(200).body("state", equalTo("OFFERED"));
        assertThat(portal.used(tenant).get(Resource.MEMORY_MIB))
                .isGreaterThan(before)
                .isLessThan(asked);
        as(tenant + "-user").post("/api/v1/requests/{id}/accept", id).then().statusCode(200);
        assertThat(machines.get(BERTH, machine).sizeName()).isEqualTo("Small");
        assertThat(portal.used(tenant))
                .containsEntry(Resource.MEMORY_MIB, machines.get(BERTH, machine).memoryMib());
    }

    private static ValidatableResponse offer(String id, String size) {
        return as("admin")
                .body(Map.of("changes", Map.of("size", size)))
                .post("/api/v1/requests/{id}/offer", id)
                .then();
    }

    private ValidatableResponse askFor(String size) {
        return as(tenant + "-user")
                .body(Map.of("size", size, "reason", "More of it."))
                .post("/api/v1/machines/" + machine + "/resize-requests")
                .then();
    }

    private String request(String state) {
        return as(tenant + "-user")
                .get("/api/v1/tenants/{tenant}/requests?state=" + state, tenant)
                .path("items.find { it.kind == 'RESIZE' }.id");
    }

    @Test
    void thePageSaysWhatComesOfIt() {
        Browser member = Browser.of(tenant + "-user");
        String url = "/t/" + tenant + "/machines/" + machine + "/size";
        assertThat(member.html(url)).contains("size-small", "Restart it now").doesNotContain("size-tiny");
        assertThat(member.html(url + "/preview?size=small")).contains("Takes effect at the next start", "this takes");
        assertThat(member.html(url + "/preview?size=medium")).contains("Needs an admin");
        assertThat(member.post(url, Map.of("size", "medium")).statusCode()).isEqualTo(409);
        assertThat(member.post(url, Map.of("size", "small")).statusCode()).isEqualTo(303);
        status.settled(task());
        assertThat(member.post(url + "/restart", Map.of()).statusCode()).isEqualTo(303);
        assertThat(task().restart()).isEqualTo(Restart.CYCLE);
    }

    private ValidatableResponse resize(String size, boolean restart) {
        return as(tenant + "-user")
                .body(Map.of("size", size, "restart", restart))
                .post("/api/v1/machines/" + machine + "/resize")
                .then();
    }

    private Task task() {
        return status.task(machine).orElseThrow();
    }

    private void start() {
        Task task = task();
        status.running(task, true);
        status.settled(task);
    }

    private void switchOff() {
        machines.stop(BERTH, machine, true);
        status.seen(task(), Seen.STOPPED);
        status.settled(task());
    }
}
