package dev.berth.machines;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static dev.berth.testing.Portal.largeAsk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.catalog.StorageProfiles;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenants;
import dev.berth.testing.Parallel;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.SettableClock;
import dev.berth.testing.TinyProfile;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What may be done with snapshots, by API, and what they take from the quota. The worker's part is played by the test. */
@QuarkusTest
@TestProfile(TinyProfile.class)
@QuarkusTestResource(PostgresResource.class)
class SnapshotsTest {
    private static final Caller BERTH = Caller.system("test");
    private static final AtomicInteger COUNTER = new AtomicInteger();

    @Inject
    Portal portal;

    @Inject
    Machines machines;

    @Inject
    MachineStatus status;

    @Inject
    Snapshots snapshots;

    @Inject
    SnapshotStatus snapshotStatus;

    @Inject
    Troubles troubles;

    @Inject
    StorageProfiles storage;

    @Inject
    Quotas quotas;

    @Inject
    Tenants tenants;

    @Inject
    SettableClock clock;

    @Inject
    EntityManager em;

    private String tenant;
    private UUID machine;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(10);
        machine = machine("origin");
        runs(machine);
    }

    @AfterEach
    void exact() {
        clock.ahead(Duration.ZERO);
        assertThat(portal.drift()).isEmpty();
    }

    @Test
    void takesOneOfTheQuotaUntilItIsGone() {
        limit(Resource.SNAPSHOTS, 1);
        Response taken = take("before the upgrade");
        assertThat(taken.statusCode()).as(taken.asString()).isEqualTo(202);
        assertThat(taken.<String>path("state")).isEqualTo("taking");
        UUID id = UUID.fromString(taken.path("id"));
        assertThat(used()).isEqualTo(1);
        assertThat(code(take("another"))).isEqualTo("quota-exceeded");
        assertThat(code(delete(id))).as("a worker is at it").isEqualTo("wrong-state");
        assertThat(code(revert(id, true))).isEqualTo("wrong-state");

        done(id);
        Response one = as(user()).get(path(id));
        assertThat(one.<String>path("state")).isEqualTo("ready");
        assertThat(one.<Integer>path("sizeBytes")).isEqualTo(5 << 20);
        assertThat(one.<List<String>>path("disks.target")).containsExactly("vda");
        assertThat(one.<Boolean>path("old")).isFalse();

        assertThat(delete(id).statusCode()).isEqualTo(202);
        assertThat(delete(id).<String>path("state")).as("twice").isEqualTo("deleting");
        assertThat(used()).as("until it is gone").isEqualTo(1);
        snapshotStatus.deleted(job(id));
        assertThat(used()).isZero();
        assertThat(as(user()).get(path(id)).statusCode()).isEqualTo(404);
        assertThat(code(delete(id))).isEqualTo("not-found");
        assertThat(take("before the upgrade").statusCode())
                .as("its name is free")
                .isEqualTo(202);
    }

    @Test
    void twoAtOnceCannotPassTheQuota() {
        limit(Resource.SNAPSHOTS, 3);
        List<Response> answers = Parallel.run(8, i -> take("s" + i));
        assertThat(answers.stream().filter(answer -> answer.statusCode() == 202))
                .hasSize(3);
        assertThat(answers.stream().filter(answer -> answer.statusCode() == 409))
                .hasSize(5);
        assertThat(used()).isEqualTo(3);
    }

    @Test
    void refusesWhatCannotBe() {
        for (String name : List.of("", "two\nlines", "x".repeat(61))) {
            Response refused = take(name);
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.<String>path("errors[0].field")).isEqualTo("name");
        }
        take("one");
        assertThat(take("one").statusCode()).as("its name is taken").isEqualTo(400);
        UUID fresh = machine("fresh");
        assertThat(code(as(user()).body(Map.of("name", "early")).post("/api/v1/machines/{id}/snapshots", fresh)))
                .as("still being made")
                .isEqualTo("wrong-state");

        String raw = "sn" + COUNTER.incrementAndGet();
        UUID profile = storage.create(BERTH, raw, "Raw disks", "", "raw", Map.of("path", "/var/lib/berth/" + raw))
                .id();
        sql("update disk set storage_profile_id = '%s' where machine_id = '%s'".formatted(profile, machine));
        Response refused = take("raw");
        assertThat(code(refused)).isEqualTo("no-snapshots");
        assertThat(refused.<String>path("detail")).contains("Disk vda", "Raw disks");
        assertThat(snapshots.offer(BERTH, machine).problem()).contains("Disk vda");
        assertThat(used()).isEqualTo(1);
    }

    @Test
    void revertChecksAgain() {
        UUID id = ready("before");
        Response refused = revert(id, false);
        assertThat(code(refused)).isEqualTo("wrong-state");
        assertThat(refused.<String>path("detail")).contains("Stop it first");

        limit(Resource.DISK_GIB, 0);
        assertThat(code(revert(id, true))).isEqualTo("quota-exceeded");
        limit(Resource.DISK_GIB, 100);
        UUID mine = (UUID) em.createNativeQuery("select id from tenant where slug = 'blue'", UUID.class)
                .getSingleResult();
        String theirs = "sn" + COUNTER.incrementAndGet();
        UUID profile = storage.create(BERTH, theirs, "Theirs", "", "qcow2", Map.of("path", "/var/lib/berth/" + theirs))
                .id();
        sql("update storage_profile set tenants = '{%s}' where id = '%s'".formatted(mine, profile));
        UUID before = (UUID) em.createNativeQuery(
                        "select storage_profile_id from disk where machine_id = '" + machine + "'", UUID.class)
                .getSingleResult();
        sql("update disk set storage_profile_id = '%s' where machine_id = '%s'".formatted(profile, machine));
        assertThat(code(revert(id, true))).isEqualTo("not-offered");
        sql("update disk set storage_profile_id = '%s' where machine_id = '%s'".formatted(before, machine));

        Response reverting = revert(id, true);
        assertThat(reverting.statusCode()).as(reverting.asString()).isEqualTo(202);
        assertThat(reverting.<String>path("state")).isEqualTo("reverting");
        assertThat(machines.get(BERTH, machine).operation()).isEqualTo(Operation.REVERT);
        assertThat(code(delete(id))).isEqualTo("wrong-state");
        assertThat(code(take("meanwhile"))).as("none").isNull();
        snapshotStatus.reverted(job(id));
        assertThat(snapshots.get(BERTH, machine, id).state()).isEqualTo(Snapshot.State.READY);
    }

    @Test
    void aFailedOneSaysWhyAndCanBeDeleted() {
        UUID id = UUID.fromString(take("doomed").path("id"));
        snapshotStatus.failed(job(id), "There is no room left.");
        Response one = as(user()).get(path(id));
        assertThat(one.<String>path("state")).isEqualTo("failed");
        assertThat(one.<String>path("note")).contains("no room");
        assertThat(code(revert(id, true))).isEqualTo("wrong-state");
        assertThat(code(cloned(id, "copy"))).isEqualTo("wrong-state");
        assertThat(delete(id).statusCode()).isEqualTo(202);
        snapshotStatus.taken(new SnapshotStatus.Job(id, "doomed", Snapshot.State.TAKING, List.of(), false), true, 1);
        assertThat(snapshots.get(BERTH, machine, id).state()).as("too late").isEqualTo(Snapshot.State.DELETING);
    }

    @Test
    void aCloneIsARequestAndHoldsItsOrigin() {
        UUID id = ready("before");
        Response asked = cloned(id, "copy");
        assertThat(asked.statusCode()).as(asked.asString()).isEqualTo(201);
        assertThat(asked.<String>path("state")).isEqualTo("APPROVED");
        assertThat(asked.<String>path("machine.template")).isEqualTo("Linux");
        assertThat(asked.<String>path("machine.snapshotId")).isEqualTo(id.toString());
        UUID clone = UUID.fromString(asked.path("machineId"));
        assertThat(portal.used(tenant)).containsEntry(Resource.MACHINES, 2L);
        assertThat(machines.get(BERTH, clone).hostName())
                .isEqualTo(machines.get(BERTH, machine).hostName());

        Response held = delete(id);
        assertThat(code(held)).isEqualTo("being-cloned");
        assertThat(held.<String>path("detail")).startsWith("copy is being copied");
        assertThat(code(as(user()).delete("/api/v1/machines/{id}", machine))).isEqualTo("being-cloned");
        Task task = status.task(clone).orElseThrow();
        SnapshotStatus.Filling filling = snapshotStatus.fillings(task).get(0);
        assertThat(filling.from().volume()).isEqualTo(machine);
        assertThat(filling.to().volume()).isEqualTo(clone);
        assertThat(filling.to().base()).isNull();
        snapshotStatus.filled(filling);
        assertThat(snapshotStatus.fillings(task)).isEmpty();
        assertThat(delete(id).statusCode()).isEqualTo(202);
    }

    @Test
    void aCloneIsCheckedLikeAnyRequest() {
        UUID id = ready("before");
        assertThat(cloned(id, "origin").statusCode()).as("the name is taken").isEqualTo(400);
        assertThat(cloned(id, "Not A Label").statusCode()).isEqualTo(400);
        Response other = as(user())
                .body(Map.of("size", "huge", "name", "copy", "network", "lan", "storage", "tape", "leaseHours", 0))
                .post(path(id) + "/clone");
        assertThat(other.<List<String>>path("errors.field"))
                .containsExactlyInAnyOrder("size", "network", "storage", "leaseHours");
        limit(Resource.MACHINES, 1);
        assertThat(code(cloned(id, "copy"))).isEqualTo("quota-exceeded");
        limit(Resource.MACHINES, 10);
        assertThat(portal.used(tenant)).containsEntry(Resource.MACHINES, 1L);

        Map<String, Object> large = clone(largeAsk("large"));
        Response pending = as(user()).body(large).post(path(id) + "/clone");
        assertThat(pending.<String>path("state")).as(pending.asString()).isEqualTo("PENDING");
        delete(id);
        snapshotStatus.deleted(job(id));
        Response approved = as("admin").post("/api/v1/requests/{id}/approve", pending.<String>path("id"));
        assertThat(code(approved)).isEqualTo("snapshot-gone");
        as(user()).post("/api/v1/requests/{id}/withdraw", pending.<String>path("id"));
        assertThat(portal.used(tenant)).containsEntry(Resource.MACHINES, 1L);
    }

    @Test
    void keepsItsDisksAsTheyAre() {
        UUID id = ready("before");
        UUID disk = machines.disks(BERTH, machine).get(0).id();
        assertThat(snapshots.keeping(disk)).containsExactly("before");
        assertThatThrownBy(() -> snapshots.refuseKept(disk, "grown"))
                .isInstanceOfSatisfying(ProblemException.class, problem -> assertThat(problem.code())
                        .isEqualTo("kept-by-snapshot"))
                .hasMessageContaining("snapshot before, so it can't be grown");
        String at = "/api/v1/machines/" + machine;
        assertThat(code(as(user()).body(Map.of("sizeGib", 50)).post("/api/v1/disks/{id}/grow", disk)))
                .isEqualTo("kept-by-snapshot");
        assertThat(as(user()).get(at + "/disks").<Integer>path("items[0].sizeGib"))
                .isEqualTo(1);
        delete(id);
        snapshotStatus.deleted(job(id));
        snapshots.refuseKept(disk, "grown");
    }

    @Test
    void theOwnerIsToldBeforeOneIsFull() {
        UUID id = ready("tight");
        String host = machines.get(BERTH, machine).hostName();
        full(host, id, 79);
        assertThat(machines.get(BERTH, machine).trouble()).isEmpty();
        full(host, id, 83);
        full(host, id, 85);
        troubles.seen(host, Map.of(), Map.of());
        assertThat(machines.get(BERTH, machine).trouble()).contains("\"tight\" is 85 % full", "clone a machine");
        assertThat(as(user()).get(path(id)).<Integer>path("filledPercent")).isEqualTo(85);
        full(host, id, 40);
        assertThat(machines.get(BERTH, machine).trouble())
                .as("it was taken anew")
                .isEmpty();

        full(host, id, 90);
        full(host, id, 100);
        assertThat(machines.get(BERTH, machine).trouble())
                .as("the machine is all right")
                .isEmpty();
        assertThat(snapshots.get(BERTH, machine, id).state()).isEqualTo(Snapshot.State.FAILED);
        assertThat(snapshots.get(BERTH, machine, id).note()).contains("is lost");
        assertThat(as(user()).get("/api/v1/machines/{id}/events", machine).<List<String>>path("items.step"))
                .contains("Snapshot \"tight\" is 83 % full", "Snapshot \"tight\" was full and is lost")
                .doesNotContain("Snapshot \"tight\" is 85 % full");
        assertThat(code(revert(id, true))).isEqualTo("wrong-state");
        assertThat(delete(id).statusCode()).isEqualTo(202);
    }

    private void full(String host, UUID id, int percent) {
        troubles.seen(host, Map.of(), Map.of(id, percent));
    }

    @Test
    void goesWithItsMachine() {
        ready("one");
        ready("two");
        machines.delete(BERTH, machine);
        status.gone(status.task(machine).orElseThrow());
        assertThat(used()).isZero();
        assertThat(portal.used(tenant)).containsEntry(Resource.MACHINES, 0L);
        assertThat(snapshots.list(BERTH, machine)).isEmpty();
    }

    @Test
    void oldOnesAreWarnedOfAndDeletedIfTheOperatorSaysSo() {
        UUID id = ready("old");
        String host = machines.get(BERTH, machine).hostName();
        clock.ahead(Duration.ofDays(29));
        UUID young = ready("young");
        assertThat(snapshots.get(BERTH, machine, id).old()).isFalse();
        clock.ahead(Duration.ofDays(31));
        assertThat(as(user()).get(path(id)).<Boolean>path("old")).isTrue();
        assertThat(snapshots.get(BERTH, machine, young).old()).isFalse();

        snapshots.deleteOld(host);
        assertThat(snapshots.get(BERTH, machine, id).state())
                .as("never, as it is set")
                .isEqualTo(Snapshot.State.READY);
        UUID copy = UUID.fromString(cloned(id, "copy").path("machineId"));
        snapshots.deleteOld(host, Duration.ofDays(30), Set.of());
        assertThat(snapshots.get(BERTH, machine, id).state()).as("being cloned").isEqualTo(Snapshot.State.READY);
        snapshotStatus.filled(
                snapshotStatus.fillings(status.task(copy).orElseThrow()).get(0));
        snapshots.deleteOld(host, Duration.ofDays(30), Set.of(UUID.randomUUID()));
        assertThat(snapshots.get(BERTH, machine, id).state())
                .as("other storage's age")
                .isEqualTo(Snapshot.State.READY);
        UUID profile = storage.get(BERTH, "qcow2").id();
        snapshots.deleteOld(host, Duration.ofDays(30), Set.of(profile));
        assertThat(snapshots.get(BERTH, machine, id).state()).isEqualTo(Snapshot.State.DELETING);
        assertThat(snapshots.get(BERTH, machine, young).state()).isEqualTo(Snapshot.State.READY);
    }

    private UUID machine(String name) {
        return UUID.fromString(as(user())
                .body(ask(name))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .path("machineId"));
    }

    private void runs(UUID id) {
        Task task = status.task(id).orElseThrow();
        status.running(task, true);
        status.settled(task);
    }

    private UUID ready(String name) {
        Response taken = take(name);
        assertThat(taken.statusCode()).as(taken.asString()).isEqualTo(202);
        UUID id = UUID.fromString(taken.path("id"));
        done(id);
        return id;
    }

    private void done(UUID id) {
        snapshotStatus.taken(job(id), false, 5 << 20);
        status.settled(status.task(machine).orElseThrow());
    }

    private SnapshotStatus.Job job(UUID id) {
        return snapshotStatus.jobs(status.task(machine).orElseThrow()).stream()
                .filter(job -> job.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private Response take(String name) {
        return as(user()).body(Map.of("name", name)).post("/api/v1/machines/{id}/snapshots", machine);
    }

    private Response delete(UUID id) {
        return as(user()).delete(path(id));
    }

    private Response revert(UUID id, boolean restart) {
        return as(user()).body(Map.of("restart", restart)).post(path(id) + "/revert");
    }

    private Response cloned(UUID id, String name) {
        return as(user()).body(clone(ask(name))).post(path(id) + "/clone");
    }

    private static Map<String, Object> clone(Map<String, Object> ask) {
        ask.remove("template");
        return ask;
    }

    private String path(UUID id) {
        return "/api/v1/machines/" + machine + "/snapshots/" + id;
    }

    private static String code(Response answer) {
        return answer.path("code");
    }

    private String user() {
        return tenant + "-user";
    }

    private long used() {
        return portal.used(tenant).get(Resource.SNAPSHOTS);
    }

    private void limit(Resource resource, long limit) {
        quotas.setLimits(BERTH, tenants.get(BERTH, tenant), Map.of(resource, limit));
    }

    private void sql(String statement) {
        QuarkusTransaction.requiringNew()
                .run(() -> em.createNativeQuery(statement).executeUpdate());
    }
}
