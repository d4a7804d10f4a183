package dev.berth.machines;

import static dev.berth.testing.Portal.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;

import dev.berth.catalog.Images;
import dev.berth.common.Notice;
import dev.berth.hypervisor.GuestSpeed;
import dev.berth.security.Caller;
import dev.berth.tenancy.Resource;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import dev.berth.web.Browser;
import io.quarkus.hibernate.orm.panache.Panache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A revision's life: tried, proposed by a team, compared, deprecated. What a worker does is written to the rows here. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class RevisionsTest {
    private static final AtomicInteger COUNTER = new AtomicInteger();

    /** Hears what people are told. */
    @ApplicationScoped
    static class Ear {
        private final List<Notice> heard = new CopyOnWriteArrayList<>();

        List<Notice> heard() {
            return List.copyOf(heard);
        }

        void hear(@Observes Notice notice) {
            heard.add(notice);
        }
    }

    @Inject
    Portal portal;

    @Inject
    Ear ear;

    @Inject
    BootTests bootTests;

    @Inject
    MachineStatus status;

    @Inject
    CaptureStatus captures;

    @Inject
    Machines machines;

    @Inject
    Images images;

    private String tenant;
    private String template;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(3);
        template = "life-" + COUNTER.incrementAndGet();
        as("admin")
                .body(Map.of(
                        "slug",
                        template,
                        "name",
                        "Life <b>" + template,
                        "policy",
                        Map.of("maxVcpus", 2, "maxMemoryMib", 2048, "maxDiskGib", 20, "maxLeaseHours", 72)))
                .post("/api/v1/templates")
                .then()
                .statusCode(201);
        revise("first");
    }

    private void revise(String notes) {
        as("admin")
                .body(Map.of(
                        "image",
                        as("admin")
                                .get("/api/v1/templates/{t}", Portal.TEMPLATE)
                                .path("revisions[0].image"),
                        "sizes",
                        List.of("tiny"),
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

    private String state(int number) {
        return as("admin")
                .get("/api/v1/templates/{t}/revisions/{n}", template, number)
                .path("state");
    }

    private Map<String, Object> tryIt(boolean approves) {
        return as("admin")
                .body(Map.of("tenant", tenant, "approves", approves, "measures", approves))
                .post("/api/v1/templates/{t}/revisions/1/boot-tests", template)
                .then()
                .statusCode(201)
                .body("state", equalTo("RUNNING"))
                .body("host", equalTo("paper"))
                .extract()
                .path("$");
    }

    private Map<String, Object> last() {
        return as("admin")
                .get("/api/v1/templates/{t}/revisions/1/boot-tests", template)
                .path("items[0]");
    }

    private void seen(UUID machine, String address) {
        status.running(status.task(machine).orElseThrow(), true);
        QuarkusTransaction.requiringNew().run(() -> Panache.getEntityManager()
                .createQuery("update NicEntity set seenAddress = :address where machineId = :id")
                .setParameter("address", address)
                .setParameter("id", machine)
                .executeUpdate());
    }

    @Test
    void aMachineThatComesUpApprovesItsRevision() {
        Map<String, Object> test = tryIt(true);
        UUID id = UUID.fromString((String) test.get("id"));
        UUID machine = UUID.fromString((String) test.get("machineId"));
        assertThat(portal.used(tenant)).containsEntry(Resource.MACHINES, 1L);
        as("admin")
                .body(Map.of("tenant", tenant))
                .post("/api/v1/templates/{t}/revisions/1/boot-tests", template)
                .then()
                .statusCode(409)
                .body("detail", containsString("under way already"));
        as(tenant + "-user")
                .body(Map.of("tenant", tenant))
                .post("/api/v1/templates/{t}/revisions/1/boot-tests", template)
                .then()
                .statusCode(403);

        bootTests.look(id);
        assertThat(last()).as("nothing was seen yet").containsEntry("state", "RUNNING");
        status.running(status.task(machine).orElseThrow(), true);
        bootTests.look(id);
        assertThat(last()).as("it runs, its guest is not up").containsEntry("state", "RUNNING");
        seen(machine, "192.0.2.7");
        assertThat(bootTests.look(id)).as("its disk is measured first").contains(machine);
        assertThat(last()).containsEntry("state", "RUNNING");
        bootTests.measured(id, new GuestSpeed(105_400_000, 224_000_000));
        bootTests.notMeasured(id, "A second worker was late.");
        assertThat(bootTests.look(id)).isEmpty();
        assertThat(last()).containsEntry("state", "PASSED").containsEntry("machineId", machine.toString());
        assertThat((String) last().get("words")).contains("192.0.2.7", "paper", "writes 105 MB/s and reads 224 MB/s.");
        assertThat(state(1)).isEqualTo("APPROVED");
        as(tenant + "-user").get("/api/v1/machines/{id}", machine).then().body("state", equalTo("DELETING"));
        assertThat(portal.drift()).isEmpty();
        assertThat(Browser.of("admin").html("/admin/templates/" + template + "/revisions/1"))
                .contains("Boot tested", "192.0.2.7", "Life &lt;b&gt;");
        as("admin")
                .get("/api/v1/storage-profiles/{s}/speeds", "qcow2")
                .then()
                .body("items[0].inside.writeBytes", equalTo(105_400_000))
                .body("items[0].inside.template", equalTo(template));
        assertThat(Browser.of("admin").html("/admin/storage/qcow2"))
                .contains("Inside a guest here: writes 110 MB/s and reads 220 MB/s.", template);
    }

    @Test
    void aMachineThatFailsSaysWhyAndApprovesNothing() {
        Map<String, Object> test = tryIt(true);
        UUID machine = UUID.fromString((String) test.get("machineId"));
        machines.delete(Caller.system("test"), machine);
        bootTests.look(UUID.fromString((String) test.get("id")));
        assertThat(last())
                .containsEntry("state", "FAILED")
                .containsEntry("words", "Its machine was deleted before it had come up.");
        assertThat(state(1)).isEqualTo("DRAFT");
        as("admin")
                .body(Map.of("tenant", "no-such-team"))
                .post("/api/v1/templates/{t}/revisions/1/boot-tests", template)
                .then()
                .statusCode(400)
                .body("errors.field", hasItem("tenant"));
    }

    @Test
    void ownersHearThatTheirRevisionIsDeprecated() {
        String url = "/api/v1/templates/" + template + "/revisions/";
        as("admin").post(url + "1/approve").then().statusCode(200);
        Map<String, Object> ask = Portal.ask("old");
        ask.put("template", template);
        as(tenant + "-user")
                .body(ask)
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201)
                .body("state", equalTo("APPROVED"));
        revise("second");
        as("admin").post(url + "2/approve").then().statusCode(200);
        assertThat(state(1)).isEqualTo("DEPRECATED");
        assertThat(ear.heard())
                .filteredOn(notice -> notice.path().equals("/t/" + tenant + "/machines"))
                .singleElement()
                .satisfies(notice -> assertThat(notice.text()).contains("old").contains("keep running"));

        Browser admin = Browser.of("admin");
        assertThat(admin.html("/admin/templates/" + template + "/compare"))
                .contains("Revision 1", "Revision 2", "first", "second", "differs");
        assertThat(admin.get("/admin/templates/" + template + "/compare?one=1&other=9")
                        .statusCode())
                .isEqualTo(404);
        assertThat(admin.html("/admin/templates/" + template + "/revisions/1")).contains("old", "Deprecated");
    }

    /** A capture's revision: the id of the request that proposes it. */
    private String proposed() {
        as("admin")
                .post("/api/v1/templates/{t}/revisions/1/approve", template)
                .then()
                .statusCode(200);
        Map<String, Object> ask = Portal.ask("golden");
        ask.put("template", template);
        String machine = as(tenant + "-user")
                .body(ask)
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .path("machineId");
        UUID id = UUID.fromString(machine);
        status.running(status.task(id).orElseThrow(), true);
        machines.stop(Caller.system("test"), id, true);
        Task task = status.task(id).orElseThrow();
        status.seen(task, Seen.STOPPED);
        status.settled(task);
        String disk = as(tenant + "-user").get("/api/v1/machines/{id}", machine).path("disks[0].id");
        as(tenant + "-user")
                .body(Map.of("disk", disk, "template", template, "image", "golden-" + template, "notes", "tools"))
                .post("/api/v1/machines/{id}/captures", machine)
                .then()
                .statusCode(202);
        CaptureStatus.Capturing copy = captures.wanted(id).get(0);
        images.bring(Caller.system("worker"), copy.imageId(), copy.image(), RevisionsTest::writeImage);
        captures.copied(copy);
        captures.copied(copy);
        return as("admin")
                .get("/api/v1/tenants/{t}/requests?state=pending", tenant)
                .then()
                .body("items.kind", equalTo(List.of("TEMPLATE")))
                .body("items[0].requester", equalTo(tenant + "-user"))
                .body("items[0].summary", containsString("golden-" + template))
                .extract()
                .path("items[0].id");
    }

    private static void writeImage(Path file) {
        try {
            Process made = new ProcessBuilder("qemu-img", "create", "-q", "-f", "qcow2", file.toString(), "1M")
                    .inheritIO()
                    .start();
            assertThat(made.waitFor()).isZero();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatATeamProposesIsApprovedInTheInbox() {
        String request = proposed();
        assertThat(Browser.of("admin").html("/inbox")).contains("golden-" + template);
        as("admin").post("/api/v1/requests/{id}/approve", request).then().statusCode(200);
        assertThat(state(2)).isEqualTo("APPROVED");
        assertThat(state(1)).isEqualTo("DEPRECATED");
    }

    @Test
    void whatIsRetiredOnItsPageIsDeniedInTheInbox() {
        String request = proposed();
        as("admin")
                .post("/api/v1/templates/{t}/revisions/2/retire", template)
                .then()
                .statusCode(200);
        as(tenant + "-user")
                .get("/api/v1/requests/{id}", request)
                .then()
                .body("state", equalTo("DENIED"))
                .body("decidedBy", equalTo("admin"));
    }

    @Test
    void aNoRetiresTheRevision() {
        String request = proposed();
        as("admin")
                .body(Map.of("reason", "Still has its keys."))
                .post("/api/v1/requests/{id}/deny", request)
                .then()
                .statusCode(200);
        assertThat(state(2)).isEqualTo("RETIRED");
        as(tenant + "-user").get("/api/v1/templates/{t}", template).then().body("revisions.number", not(hasItem(2)));
    }
}
