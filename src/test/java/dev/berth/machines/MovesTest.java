package dev.berth.machines;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.catalog.Policy;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Templates;
import dev.berth.security.Caller;
import dev.berth.tenancy.Resource;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.SettableClock;
import dev.berth.testing.TinyProfile;
import dev.berth.web.Browser;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may move which disk where, what it holds of the quota, and the ways out. The test does what a worker would. */
@QuarkusTest
@TestProfile(TinyProfile.class)
@QuarkusTestResource(PostgresResource.class)
class MovesTest {
    private static final Caller BERTH = Caller.system("test");
    private static final AtomicInteger COUNTER = new AtomicInteger();

    @Inject
    Portal portal;

    @Inject
    StorageProfiles storage;

    @Inject
    Templates templates;

    @Inject
    Machines machines;

    @Inject
    Disks disks;

    @Inject
    Moves moves;

    @Inject
    MachineStatus status;

    @Inject
    MoveStatus moveStatus;

    @Inject
    SettableClock clock;

    private String tenant;
    private String raw;
    private UUID machine;
    private UUID disk;
    private long before;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(10);
        raw = "mv" + COUNTER.incrementAndGet();
        storage.create(BERTH, raw, "Raw", "", "raw", Map.of("path", "/var/lib/berth/" + raw));
        templates.create(BERTH, raw, "Moves", "", new Policy(1, 512, 5, 48, 720));
        templates.revise(
                BERTH,
                raw,
                new Templates.RevisionDraft("linux", List.of("tiny"), List.of("nat"), List.of("qcow2", raw), ""));
        templates.setState(BERTH, raw, 1, RevisionState.APPROVED);
        Map<String, Object> ask = ask("mover");
        ask.put("template", raw);
        machine = UUID.fromString(as(tenant + "-user")
                .body(ask)
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .path("machineId"));
        disk = disks.list(BERTH, machine).get(0).id();
        before = portal.used(tenant).get(Resource.DISK_GIB);
    }

    @AfterEach
    void now() {
        clock.ahead(Duration.ZERO);
        assertThat(portal.drift()).isEmpty();
    }

    @Test
    void aDiskOfAMachineThatIsOffMovesAndItsOldCopyGoes() {
        assertThat(start(raw).<String>path("code")).as("not off").isEqualTo("wrong-state");
        switchOff();
        assertThat(moves.targets(BERTH, machine, disk))
                .filteredOn(Moves.Target::possible)
                .extracting(target -> target.storage().slug())
                .contains(raw, "qcow2");

        Response started = start(raw);
        assertThat(started.statusCode()).as(started.asString()).isEqualTo(202);
        assertThat(started.<String>path("state")).isEqualTo("copying");
        UUID move = UUID.fromString(started.path("id"));
        assertThat(used()).as("both copies").isEqualTo(2 * before);
        assertThat(start(raw).<String>path("code")).as("one at a time").isIn("disk-moving", "wrong-state");
        Response startMachine = as(tenant + "-user").body("{}").post("/api/v1/machines/{id}/start", machine);
        assertThat(startMachine.statusCode()).isEqualTo(409);
        assertThat(startMachine.<String>path("detail")).contains("being moved");
        assertThat(post(move, "confirm", Map.of()).<String>path("code")).isEqualTo("wrong-state");
        assertThat(disks.list(BERTH, machine).get(0).storageSlug()).isEqualTo("qcow2");
        assertThat(storage.usedBy(storage.get(BERTH, raw).id()))
                .as("the copy keeps its storage from being changed")
                .isEqualTo(1);

        copied(move);
        assertThat(disks.list(BERTH, machine).get(0).storageSlug()).isEqualTo(raw);
        assertThat(used()).isEqualTo(2 * before);
        assertThat(post(move, "confirm", Map.of()).<String>path("state")).isEqualTo("confirmed");
        assertThat(post(move, "confirm", Map.of()).statusCode()).as("again").isEqualTo(202);
        assertThat(moveStatus.pending(machine)).singleElement().satisfies(pending -> assertThat(
                        pending.spare().storage().kind())
                .isEqualTo("qcow2"));
        moveStatus.over(move);
        moveStatus.over(move);
        assertThat(used()).isEqualTo(before);
        assertThat(post(move, "undo", Map.of()).<String>path("code")).isEqualTo("wrong-state");
        assertThat(as("admin").get("/api/v1/audit?subject={id}", machine).<List<String>>path("items.action"))
                .contains("disk.move", "disk.confirm-move");
    }

    @Test
    void thePageLeadsThroughIt() {
        Browser browser = Browser.of(tenant + "-user");
        String page = "/t/" + tenant + "/machines/" + machine + "/disks/" + disk + "/move";
        assertThat(browser.html("/t/" + tenant + "/machines/" + machine)).contains("disks/" + disk + "/move");
        assertThat(browser.html(page)).contains("The machine has to be off.", "Simple, and less overhead");
        switchOff();
        assertThat(browser.post(page, Map.of("storage", "no-such")).statusCode())
                .isEqualTo(422);
        assertThat(browser.post(page, Map.of("storage", raw)).statusCode()).isEqualTo(303);
        assertThat(browser.html(page))
                .contains("Copying", "can't be started until")
                .doesNotContain("Where to");
        UUID move = moves.list(BERTH, machine).get(0).id();
        copied(move);
        settle();
        machines.start(BERTH, machine);
        switchOff();
        assertThat(browser.html(page + "/now"))
                .contains("Moved, old disk kept", "0".repeat(64), "name=\"loseChanges\"")
                .doesNotContain("<html");
        Response refused = browser.post(page + "/" + move + "/undo", Map.of());
        assertThat(refused.asString()).contains("agree to that to undo");
        assertThat(browser.post(page + "/" + move + "/undo", Map.of("loseChanges", "true"))
                        .statusCode())
                .isEqualTo(303);
        moveStatus.over(move);
        assertThat(browser.html(page)).contains("Where to", "Earlier moves", "Undone");
        assertThat(Browser.of("carol").get(page).statusCode()).isEqualTo(404);
    }

    @Test
    void undoAsksOnceMoreWhenTheMachineWasStarted() {
        switchOff();
        UUID move = UUID.fromString(start(raw).path("id"));
        copied(move);
        settle();
        machines.start(BERTH, machine);
        assertThat(moves.get(BERTH, machine, move).started()).isTrue();
        switchOff();
        Response refused = post(move, "undo", Map.of());
        assertThat(refused.<String>path("code")).isEqualTo("changes-lost");
        assertThat(refused.<String>path("detail")).contains("lost");
        assertThat(post(move, "undo", Map.of("loseChanges", true)).<String>path("state"))
                .isEqualTo("undone");
        Disk back = disks.list(BERTH, machine).get(0);
        assertThat(back.storageSlug()).isEqualTo("qcow2");
        assertThat(moveStatus.pending(machine)).singleElement().satisfies(pending -> assertThat(
                        pending.spare().storage().kind())
                .isEqualTo("raw"));
        moveStatus.over(move);
        assertThat(used()).isEqualTo(before);
    }

    @Test
    void aCopyThatFailsOrIsCancelledLeavesTheDisk() {
        switchOff();
        UUID failed = UUID.fromString(start(raw).path("id"));
        moveStatus.failed(failed, "There is no room left.");
        assertThat(moves.get(BERTH, machine, failed).failure()).contains("no room");
        assertThat(used()).as("until what was written is gone").isEqualTo(2 * before);
        moveStatus.over(failed);
        settle();
        assertThat(used()).isEqualTo(before);

        UUID cancelled = UUID.fromString(start(raw).path("id"));
        assertThat(moveStatus.wanted(cancelled)).isTrue();
        assertThat(post(cancelled, "undo", Map.of()).<String>path("state")).isEqualTo("undone");
        assertThat(moveStatus.wanted(cancelled)).isFalse();
        moveStatus.copied(cancelled, 1);
        moveStatus.verified(cancelled, "too late");
        assertThat(disks.list(BERTH, machine).get(0).storageSlug()).isEqualTo("qcow2");
        moveStatus.over(cancelled);
        settle();

        UUID deleted = UUID.fromString(start(raw).path("id"));
        machines.delete(BERTH, machine);
        assertThat(moveStatus.wanted(deleted)).isFalse();
        assertThat(moveStatus.open(machine)).hasSize(1);
        moveStatus.over(deleted);
        status.gone(status.task(machine).orElseThrow());
        assertThat(used()).isZero();
    }

    @Test
    void theOldDiskGoesByItselfAfterAWhile() {
        switchOff();
        UUID move = UUID.fromString(start("qcow2").path("id"));
        assertThat(moves.get(BERTH, machine, move).flattens()).isTrue();
        copied(move);
        moves.expire("paper");
        assertThat(moves.get(BERTH, machine, move).state()).isEqualTo(MoveState.DONE);
        clock.ahead(Duration.ofDays(7).plusMinutes(1));
        moves.expire("paper");
        assertThat(moves.get(BERTH, machine, move).state()).isEqualTo(MoveState.CONFIRMED);
        moveStatus.over(move);
        settle();
        assertThat(start("qcow2").<String>path("detail"))
                .as("it stands alone by now")
                .contains("already");
    }

    @Test
    void othersFindNothingAndWrongTargetsAreRefused() {
        switchOff();
        assertThat(as("carol").get("/api/v1/machines/{id}/moves", machine).statusCode())
                .isEqualTo(404);
        assertThat(as("carol")
                        .body(Map.of("disk", disk, "storage", raw))
                        .post("/api/v1/machines/{id}/moves", machine)
                        .statusCode())
                .isEqualTo(404);
        assertThat(start("no-such").<List<String>>path("errors.field")).containsExactly("storage");
        assertThat(as(tenant + "-user")
                        .body(Map.of("disk", UUID.randomUUID(), "storage", raw))
                        .post("/api/v1/machines/{id}/moves", machine)
                        .statusCode())
                .isEqualTo(404);
        String elsewhere = raw + "x";
        storage.create(BERTH, elsewhere, "Raw", "", "raw", Map.of("path", "/var/lib/berth/" + elsewhere));
        assertThat(start(elsewhere).statusCode())
                .as("its template does not offer it")
                .isEqualTo(400);
        assertThat(moves.targets(BERTH, machine, disk))
                .as("an admin may all the same")
                .extracting(target -> target.storage().slug())
                .contains(elsewhere);

        UUID move = UUID.fromString(start(raw).path("id"));
        for (String verb : List.of("confirm", "undo")) {
            assertThat(as("carol")
                            .body(Map.of())
                            .post("/api/v1/machines/{id}/moves/{move}/" + verb, machine, move)
                            .statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void aDiskBecomesAnImageThatAnAdminDecidesOn() {
        Response early = capture("linux-" + raw);
        assertThat(early.<String>path("code")).as("not off").isEqualTo("wrong-state");
        switchOff();
        assertThat(capture("Not A Name").<List<String>>path("errors.field")).containsExactly("image");
        assertThat(capture("linux").<String>path("code")).isEqualTo("taken");
        Response started = capture("linux-" + raw);
        assertThat(started.statusCode()).as(started.asString()).isEqualTo(202);
        assertThat(started.<String>path("state")).isEqualTo("copying");
        String capture = started.path("id");
        assertThat(as(tenant + "-user")
                        .body("{}")
                        .post("/api/v1/machines/{id}/start", machine)
                        .<String>path("code"))
                .isEqualTo("disk-capturing");
        assertThat(as("carol").get("/api/v1/machines/{id}/captures", machine).statusCode())
                .isEqualTo(404);
        assertThat(as("carol")
                        .post("/api/v1/machines/{id}/captures/{capture}/cancel", machine, capture)
                        .statusCode())
                .isEqualTo(404);
        Browser browser = Browser.of(tenant + "-user");
        String page = "/t/" + tenant + "/machines/" + machine + "/disks/" + disk + "/capture";
        assertThat(browser.html(page)).contains("linux-" + raw, "Copying", "cloud-init clean", "machine-id");
        assertThat(browser.html(page + "/now")).contains("Cancel").doesNotContain("<html");
        assertThat(browser.post(page + "/" + capture + "/cancel", Map.of()).statusCode())
                .isEqualTo(303);
        assertThat(browser.html(page)).contains("Cancelled by " + tenant + "-user");
        assertThat(captureStatus.wanted(machine)).isEmpty();
    }

    @Inject
    CaptureStatus captureStatus;

    private Response capture(String image) {
        return as(tenant + "-user")
                .body(Map.of("disk", disk, "template", raw, "image", image, "notes", "<b>tools</b>"))
                .post("/api/v1/machines/{id}/captures", machine);
    }

    @Test
    void bothCopiesHaveToFitTheQuota() {
        switchOff();
        as("admin")
                .body(Map.of("limits", Map.of("disk_gib", before)))
                .put("/api/v1/tenants/{tenant}/quota", tenant)
                .then()
                .statusCode(200);
        Response refused = start(raw);
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.<String>path("code")).isEqualTo("quota-exceeded");
        assertThat(moves.list(BERTH, machine)).isEmpty();
        assertThat(used()).isEqualTo(before);
    }

    private Response start(String profile) {
        return as(tenant + "-user")
                .body(Map.of("disk", disk, "storage", profile))
                .post("/api/v1/machines/{id}/moves", machine);
    }

    private Response post(UUID move, String verb, Map<String, ?> body) {
        return as(tenant + "-user").body(body).post("/api/v1/machines/{id}/moves/{move}/" + verb, machine, move);
    }

    private long used() {
        return portal.used(tenant).get(Resource.DISK_GIB);
    }

    /** The machine ran once, and is off now. */
    private void switchOff() {
        status.running(status.task(machine).orElseThrow(), true);
        machines.stop(BERTH, machine, true);
        settle();
    }

    private void settle() {
        Task task = status.task(machine).orElseThrow();
        status.seen(task, Seen.STOPPED);
        status.settled(task);
    }

    /** What a worker writes when the copy is whole and in use. */
    private void copied(UUID move) {
        moveStatus.copied(move, 1 << 20);
        moveStatus.verified(move, "0".repeat(64));
        moveStatus.defined(move);
        settle();
        assertThat(moves.get(BERTH, machine, move).state()).isEqualTo(MoveState.DONE);
    }
}
