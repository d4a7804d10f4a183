package dev.berth.machines;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.catalog.Policy;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.StorageProfiles;
import dev.berth.catalog.Templates;
import dev.berth.common.ProblemException;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.DomainXml;
import dev.berth.hypervisor.HostCheck;
import dev.berth.security.Caller;
import dev.berth.tenancy.Resource;
import dev.berth.testing.Parallel;
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
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rules of disks: what they cost, who may have them, and where they can go. No host does anything here. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class DisksTest {
    private static final Caller BERTH = Caller.system("test");
    private static final AtomicInteger COUNTER = new AtomicInteger();

    @Inject
    Portal portal;

    @Inject
    Disks disks;

    @Inject
    Machines machines;

    @Inject
    MachineStatus status;

    @Inject
    DiskStatus diskStatus;

    @Inject
    StorageProfiles storage;

    @Inject
    Templates templates;

    @Inject
    Hosts hosts;

    private String tenant;
    private String machine;
    private long before;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(20);
        machine = machine("m", "qcow2");
        before = used();
    }

    @AfterEach
    void quotaIsExact() {
        assertThat(portal.drift()).isEmpty();
    }

    @Test
    void aDiskIsAddedGrownAndDeletedByApi() {
        Response added = add(machine, "qcow2", 3, "data");
        assertThat(added.statusCode()).isEqualTo(202);
        assertThat(added.<String>path("state")).isEqualTo("adding");
        assertThat(added.<String>path("target")).isEqualTo("vdb");
        assertThat(added.<String>path("machine")).isEqualTo(machine);
        assertThat(added.<String>path("serial")).hasSize(20);
        assertThat(used()).isEqualTo(before + 3);
        String disk = added.path("id");

        assertThat(names("/machines/" + machine + "/disks")).containsExactly("system", "data");
        assertThat(names("/tenants/" + tenant + "/disks")).containsExactly("data", "system");
        assertThat(names("/tenants/" + tenant + "/disks?q=dat")).containsExactly("data");
        assertThat(names("/tenants/" + tenant + "/disks?attached=false")).isEmpty();
        assertThat(as(user()).get("/api/v1/machines/{id}", machine).<List<String>>path("disks.name"))
                .containsExactly("system", "data");

        assertThat(grow(disk, 5).<Integer>path("sizeGib")).isEqualTo(5);
        assertThat(used()).isEqualTo(before + 5);
        Response smaller = grow(disk, 4);
        assertThat(smaller.statusCode()).isEqualTo(400);
        assertThat(smaller.<String>path("errors[0].detail")).contains("can't be made smaller", "5 GiB");
        assertThat(grow(disk, Disks.MOST_GIB + 1).statusCode()).isEqualTo(400);

        for (int i = 0; i < 2; i++) {
            Response deleted = as(user()).delete("/api/v1/disks/{id}", disk);
            assertThat(deleted.statusCode()).isEqualTo(202);
            assertThat(deleted.<String>path("state")).isEqualTo("deleting");
        }
        assertThat(grow(disk, 9).<String>path("code")).isEqualTo("wrong-state");
        assertThat(used()).as("until it is really gone").isEqualTo(before + 5);
        released();
        diskStatus.gone(diskStatus.loose(UUID.fromString(disk)).orElseThrow());
        assertThat(used()).isEqualTo(before);
        assertThat(as(user()).get("/api/v1/disks/{id}", disk).statusCode()).isEqualTo(404);
        assertThat(as("admin")
                        .get("/api/v1/audit?action=disk.&subject={id}", disk)
                        .<List<String>>path("items.action"))
                .contains("disk.add", "disk.grow", "disk.delete", "disk.gone");
    }

    @Test
    void whatCannotBeIsSaidInASentence() {
        Response bad = add(machine, "no-such", 0, "Bad Name");
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(bad.<List<String>>path("errors.field")).containsExactlyInAnyOrder("storage", "sizeGib", "name");
        assertThat(add(machine, "qcow2", 1, "data").statusCode()).isEqualTo(202);
        assertThat(add(machine, "qcow2", 1, "data").<String>path("errors[0].detail"))
                .contains("There is a disk named data in " + tenant);
        assertThat(as(user()).post("/api/v1/machines/{id}/disks", machine).statusCode())
                .isEqualTo(400);
        for (int i = 1; i < DomainXml.MOST_DATA_DISKS; i++) {
            assertThat(add(machine, "qcow2", 1, "d" + i).statusCode()).isEqualTo(202);
        }
        assertThat(add(machine, "qcow2", 1, "one-more").<String>path("code")).isEqualTo("too-many-disks");
        assertThat(used()).isEqualTo(before + DomainXml.MOST_DATA_DISKS);
        machines.delete(BERTH, UUID.fromString(machine));
        assertThat(add(machine, "qcow2", 1, "late").<String>path("code")).isEqualTo("wrong-state");
    }

    @Test
    void theQuotaIsNeverPassedAndAFormSentTwiceAddsOneDisk() {
        as("admin")
                .body(Map.of("limits", Map.of("disk_gib", before + 7)))
                .put("/api/v1/tenants/{tenant}/quota", tenant)
                .then()
                .statusCode(200);
        List<Response> answers = Parallel.run(6, i -> add(machine, "qcow2", 2, "d" + i));
        assertThat(answers).filteredOn(answer -> answer.statusCode() == 202).hasSize(3);
        assertThat(answers)
                .filteredOn(answer -> answer.statusCode() != 202)
                .allSatisfy(refused -> assertThat(refused.<String>path("code")).isEqualTo("quota-exceeded"));
        assertThat(used()).isEqualTo(before + 6);
        String disk = as(user()).get("/api/v1/machines/{id}/disks", machine).path("items[1].id");
        assertThat(grow(disk, 4).<String>path("code")).isEqualTo("quota-exceeded");
        assertThat(grow(disk, 3).statusCode()).isEqualTo(202);
        assertThat(used()).isEqualTo(before + 7);

        UUID other = UUID.fromString(machine("twice", "qcow2", 8));
        UUID id = UUID.randomUUID();
        List<UUID> ids = Parallel.run(4, i -> disks.add(BERTH, other, new Disks.Wish("qcow2", 1, "once"), id)
                .id());
        assertThat(ids).containsOnly(id);
        assertThat(disks.list(BERTH, other)).hasSize(2);
    }

    @Test
    void aStrangerFindsNoDisk() {
        String disk = add(machine, "qcow2", 1, "ours").path("id");
        String stranger = portal.tenant(5);
        String theirs = as(stranger + "-user")
                .body(ask("theirs"))
                .post("/api/v1/tenants/{tenant}/requests", stranger)
                .path("machineId");
        List<Response> answers = List.of(
                as(stranger + "-user").get("/api/v1/disks/{id}", disk),
                as(stranger + "-user").get("/api/v1/machines/{id}/disks", machine),
                as(stranger + "-user").get("/api/v1/tenants/{tenant}/disks", tenant),
                as(stranger + "-user").delete("/api/v1/disks/{id}", disk),
                as(stranger + "-user").post("/api/v1/disks/{id}/detach", disk),
                as(stranger + "-user").body(Map.of("sizeGib", 9)).post("/api/v1/disks/{id}/grow", disk),
                as(stranger + "-user").body(Map.of("machine", theirs)).post("/api/v1/disks/{id}/attach", disk),
                as(stranger + "-user")
                        .body(Map.of("storage", "qcow2", "sizeGib", 1, "name", "sneak"))
                        .post("/api/v1/machines/{id}/disks", machine));
        assertThat(answers).allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(404));
        String own = as(stranger + "-user")
                .body(Map.of("storage", "qcow2", "sizeGib", 1, "name", "ours"))
                .post("/api/v1/machines/{id}/disks", theirs)
                .path("id");
        madeAndDetached(theirs, own);
        assertThat(as(stranger + "-user")
                        .body(Map.of("machine", machine))
                        .post("/api/v1/disks/{id}/attach", own)
                        .statusCode())
                .as("to another team's machine")
                .isEqualTo(404);
        assertThat(as("admin")
                        .body(Map.of("machine", machine))
                        .post("/api/v1/disks/{id}/attach", own)
                        .statusCode())
                .as("to another team's machine, by an admin")
                .isEqualTo(404);
    }

    @Test
    void aDetachedDiskGrowsAndGoesToAnotherMachine() {
        String disk = add(machine, "qcow2", 2, "travels").path("id");
        String second = machine("second", "qcow2", 8);
        assertThat(attach(disk, second).<String>path("detail")).contains("Detach it there first");
        madeAndDetached(machine, disk);
        assertThat(disks.get(BERTH, UUID.fromString(disk)).state()).isEqualTo(Disk.State.DETACHED);
        assertThat(disks.attachable(BERTH, UUID.fromString(second)))
                .extracting(Disk::name)
                .containsExactly("travels");

        assertThat(grow(disk, 4).<String>path("state")).isEqualTo("changing");
        assertThat(attach(disk, second).<String>path("detail")).contains("being grown");
        MachineDisk before = diskStatus.loose(UUID.fromString(disk)).orElseThrow();
        grow(disk, 5);
        diskStatus.grown(before);
        assertThat(diskStatus.loose(UUID.fromString(disk)))
                .as("more was wanted meanwhile")
                .isPresent();
        diskStatus.grown(diskStatus.loose(UUID.fromString(disk)).orElseThrow());

        Response attached = attach(disk, second);
        assertThat(attached.statusCode()).as(attached.asString()).isEqualTo(202);
        assertThat(attached.<String>path("target")).isEqualTo("vdb");
        assertThat(diskStatus.loose(UUID.fromString(disk))).isEmpty();
        assertThat(status.task(UUID.fromString(second)).orElseThrow().pendingDisks())
                .singleElement()
                .satisfies(there -> {
                    assertThat(there.made()).isTrue();
                    assertThat(there.spec().sizeGib()).isEqualTo(5);
                });
    }

    @Test
    void aSystemDiskGrowsWithItsMachineAndNeverLeavesIt() {
        String system = as(user()).get("/api/v1/machines/{id}/disks", machine).path("items[0].id");
        assertThat(as(user()).post("/api/v1/disks/{id}/detach", system).<String>path("code"))
                .isEqualTo("system-disk");
        assertThat(as(user()).delete("/api/v1/disks/{id}", system).<String>path("code"))
                .isEqualTo("system-disk");
        long size = machines.get(BERTH, UUID.fromString(machine)).diskGib();
        assertThat(grow(system, size + 2).statusCode()).isEqualTo(202);
        assertThat(machines.get(BERTH, UUID.fromString(machine)).diskGib()).isEqualTo(size + 2);
        assertThat(used()).isEqualTo(before + 2);
        machines.delete(BERTH, UUID.fromString(machine));
        status.gone(status.task(UUID.fromString(machine)).orElseThrow());
        assertThat(used()).isZero();
    }

    @Test
    void aMachinesDataDisksStayOrGoWithIt() {
        String kept = add(machine, "qcow2", 1, "kept").path("id");
        diskStatus.made(status.task(UUID.fromString(machine)).orElseThrow(), disksOf(machine));
        String empty = add(machine, "qcow2", 1, "never-made").path("id");
        assertThat(as(user())
                        .delete("/api/v1/machines/{id}?disks=some", machine)
                        .statusCode())
                .isEqualTo(400);
        assertThat(as(user()).delete("/api/v1/machines/{id}", machine).statusCode())
                .isEqualTo(202);
        status.gone(status.task(UUID.fromString(machine)).orElseThrow());
        assertThat(disks.get(BERTH, UUID.fromString(kept)).state()).isEqualTo(Disk.State.DETACHED);
        assertThat(disks.get(BERTH, UUID.fromString(empty)).state()).isEqualTo(Disk.State.DELETING);

        String second = machine("second", "qcow2", 8);
        String goes = add(second, "qcow2", 1, "goes").path("id");
        diskStatus.made(status.task(UUID.fromString(second)).orElseThrow(), disksOf(second));
        as(user()).delete("/api/v1/machines/{id}?disks=delete", second).then().statusCode(202);
        status.gone(status.task(UUID.fromString(second)).orElseThrow());
        assertThat(disks.get(BERTH, UUID.fromString(goes)).state()).isEqualTo(Disk.State.DELETING);
        for (String id : List.of(empty, goes)) {
            diskStatus.gone(diskStatus.loose(UUID.fromString(id)).orElseThrow());
        }
        assertThat(used()).isEqualTo(1);
    }

    @Test
    void anAdminLimitsATeamOnOneStorageProfile() {
        String slug = profile(Map.of());
        String there = machine("there", slug);
        Response set = limit(slug, 4L);
        assertThat(set.statusCode()).as(set.asString()).isEqualTo(200);
        List<Response> answers = Parallel.run(4, i -> add(there, slug, 1, "l" + i));
        long room = 4 - machines.get(BERTH, UUID.fromString(there)).diskGib();
        assertThat(answers).filteredOn(answer -> answer.statusCode() == 202).hasSize((int) room);
        assertThat(answers)
                .filteredOn(answer -> answer.statusCode() != 202)
                .allSatisfy(refused -> assertThat(refused.<String>path("code")).isEqualTo("storage-limit"));
        Map<String, Object> another = ask("another");
        another.put("template", slug);
        another.put("storage", slug);
        assertThat(as(user())
                        .body(another)
                        .post("/api/v1/tenants/{tenant}/requests", tenant)
                        .<String>path("code"))
                .isEqualTo("storage-limit");
        Response list = as("admin").get("/api/v1/storage-profiles/{slug}/limits", slug);
        assertThat(list.<List<Integer>>path("items.gib")).containsExactly(4);
        assertThat(list.<List<Integer>>path("items.used")).containsExactly(4);
        assertThat(limit(slug, -1L).statusCode()).isEqualTo(400);
        limit(slug, null);
        assertThat(add(there, slug, 1, "free").statusCode()).isEqualTo(202);
        assertThat(as(user())
                        .get("/api/v1/storage-profiles/{slug}/limits", slug)
                        .statusCode())
                .isEqualTo(403);
        assertThat(as(user())
                        .body(Map.of("gib", 99))
                        .put("/api/v1/storage-profiles/{slug}/limits/{tenant}", slug, tenant)
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void aHostPromisesNoMoreThanTheProfileSays() {
        String slug = profile(Map.of("overcommit", "150"));
        String there = machine("there", slug);
        var host = hosts.list().stream()
                .filter(one -> one.name().equals("paper"))
                .findFirst()
                .orElseThrow();
        storage.checked(
                storage.get(BERTH, slug).id(),
                host.id(),
                host.name(),
                new HostCheck(
                        List.of(),
                        List.of(),
                        Map.of("spaceTotal", String.valueOf(10L << 30), "spaceFree", String.valueOf(10L << 30))));
        long system = machines.get(BERTH, UUID.fromString(there)).diskGib();
        Response full = add(there, slug, 16 - system, "too-much");
        assertThat(full.<String>path("code")).isEqualTo("storage-full");
        assertThat(full.<String>path("detail")).contains("may promise 15 GiB", "has promised " + system + " GiB");
        String disk = add(there, slug, 15 - system, "fits").path("id");
        assertThat(grow(disk, 16 - system).<String>path("code")).isEqualTo("storage-full");
        assertThatThrownBy(() -> storage.create(
                        BERTH, slug + "x", "X", "", "qcow2", Map.of("path", "/var/lib/x", "overcommit", "0")))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void newSettingsReachTheDisksOfTheProfile() {
        String slug = profile(Map.of());
        UUID there = UUID.fromString(machine("there", slug));
        diskStatus.plugged(status.task(there).orElseThrow(), disksOf(there.toString()));
        long generation = status.generation(there);
        as("admin")
                .body(Map.of("name", "Limited", "description", "", "config", config(slug, Map.of("readIops", "500"))))
                .put("/api/v1/storage-profiles/{slug}", slug)
                .then()
                .statusCode(200);
        assertThat(status.generation(there)).isEqualTo(generation + 1);
        assertThat(status.task(there).orElseThrow().pendingDisks()).hasSize(1);
        assertThat(status.task(UUID.fromString(machine)).orElseThrow().pendingDisks())
                .isEmpty();
    }

    private String user() {
        return tenant + "-user";
    }

    private long used() {
        return portal.used(tenant).get(Resource.DISK_GIB);
    }

    private String machine(String name, String slug) {
        return machine(name, slug, 0);
    }

    /** @param more GiB of quota to make room for */
    private String machine(String name, String slug, long more) {
        if (more > 0) {
            as("admin")
                    .body(Map.of("limits", Map.of("disk_gib", 10_000)))
                    .put("/api/v1/tenants/{tenant}/quota", tenant)
                    .then()
                    .statusCode(200);
        }
        Map<String, Object> ask = ask(name);
        ask.put("storage", slug);
        ask.put("template", slug.equals("qcow2") ? Portal.TEMPLATE : slug);
        return as(user())
                .body(ask)
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201)
                .extract()
                .path("machineId");
    }

    /** A storage profile of the test's own, and a template of the same name that offers it. */
    private String profile(Map<String, String> settings) {
        String slug = "s" + COUNTER.incrementAndGet() + "-" + tenant;
        storage.create(BERTH, slug, "Storage", "", "qcow2", config(slug, settings));
        templates.create(BERTH, slug, "Offers " + slug, "", new Policy(1, 512, 5, 48, 720));
        templates.revise(
                BERTH, slug, new Templates.RevisionDraft("linux", List.of("tiny"), List.of("nat"), List.of(slug), ""));
        templates.setState(BERTH, slug, 1, RevisionState.APPROVED);
        return slug;
    }

    private static Map<String, String> config(String slug, Map<String, String> settings) {
        Map<String, String> config = new HashMap<>(settings);
        config.put("path", "/var/lib/berth-" + slug + "/disks");
        return config;
    }

    private Response add(String machineId, String slug, long gib, String name) {
        return as(user())
                .body(Map.of("storage", slug, "sizeGib", gib, "name", name))
                .post("/api/v1/machines/{id}/disks", machineId);
    }

    private Response grow(String disk, long gib) {
        return as(user()).body(Map.of("sizeGib", gib)).post("/api/v1/disks/{id}/grow", disk);
    }

    private Response attach(String disk, String machineId) {
        return as(user()).body(Map.of("machine", machineId)).post("/api/v1/disks/{id}/attach", disk);
    }

    private Response limit(String slug, Long gib) {
        Map<String, Object> body = new HashMap<>();
        body.put("gib", gib);
        return as("admin").body(body).put("/api/v1/storage-profiles/{slug}/limits/{tenant}", slug, tenant);
    }

    private List<String> names(String path) {
        return as(user()).get("/api/v1" + path).path("items.name");
    }

    private List<MachineDisk> disksOf(String machineId) {
        return status.task(UUID.fromString(machineId)).orElseThrow().disks();
    }

    /** What a worker does. */
    private void madeAndDetached(String machineId, String disk) {
        diskStatus.made(status.task(UUID.fromString(machineId)).orElseThrow(), disksOf(machineId));
        disks.detach(BERTH, UUID.fromString(disk));
        released(machineId);
    }

    private void released() {
        released(machine);
    }

    private void released(String machineId) {
        Task task = status.task(UUID.fromString(machineId)).orElseThrow();
        diskStatus.released(task, task.leavingDisks());
    }
}
