package dev.berth.api;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static dev.berth.testing.Portal.largeAsk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import dev.berth.requests.Ask;
import dev.berth.requests.MachineRequests;
import dev.berth.security.Caller;
import dev.berth.tenancy.Resource;
import dev.berth.tenancy.Tenants;
import dev.berth.testing.Parallel;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.hibernate.orm.panache.Panache;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A request's ways: by itself, by an admin's yes, by a no, and withdrawn; the quota follows. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class RequestsTest {
    @Inject
    Portal portal;

    @Inject
    MachineRequests requests;

    @Inject
    Tenants tenants;

    private String tenant;
    private String user;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(3);
        user = tenant + "-user";
    }

    private String pending(String name) {
        return as(user).body(largeAsk(name))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201)
                .body("state", equalTo("PENDING"))
                .body("machineId", nullValue())
                .body("whyApproval", containsString("vCPUs"))
                .extract()
                .path("id");
    }

    @Test
    void passesByItself() {
        String machine = as(user).body(ask("by-itself"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201)
                .header("Location", containsString("/api/v1/requests/"))
                .body("state", equalTo("APPROVED"))
                .body("decidedBy", equalTo("policy"))
                .body("machineId", notNullValue())
                .extract()
                .path("machineId");
        as(user).get("/api/v1/machines/{id}", machine)
                .then()
                .statusCode(200)
                .body("name", equalTo("by-itself"))
                .body("tenant", equalTo(tenant))
                .body("owner", equalTo(user))
                .body("state", equalTo("PROVISIONING"))
                .body("address", nullValue())
                .body("host", equalTo("paper"))
                .body("memoryMib", equalTo(128))
                .body("nics[0].mac", containsString("52:54:00"))
                .body("disks[0].sizeGib", equalTo(1));
        as(user).get("/api/v1/tenants/{tenant}/machines", tenant)
                .then()
                .statusCode(200)
                .body("items.name", equalTo(List.of("by-itself")))
                .body("next", nullValue());
        assertThat(portal.used(tenant)).containsEntry(Resource.MACHINES, 1L).containsEntry(Resource.MEMORY_MIB, 128L);
        as(user).delete("/api/v1/machines/{id}", machine).then().statusCode(202).body("state", equalTo("DELETING"));
        assertThat(portal.used(tenant)).as("held until it is gone").containsEntry(Resource.MACHINES, 1L);
        assertThat(portal.drift()).isEmpty();
    }

    @Test
    void isApproved() {
        String id = pending("yes");
        as("admin")
                .get("/api/v1/requests?state=pending&limit=200")
                .then()
                .statusCode(200)
                .body("items.id.flatten()", org.hamcrest.Matchers.hasItem(id));
        as(user).post("/api/v1/requests/{id}/approve", id)
                .then()
                .statusCode(403)
                .body("code", equalTo("forbidden"));
        as("admin")
                .post("/api/v1/requests/{id}/approve", id)
                .then()
                .statusCode(200)
                .body("state", equalTo("APPROVED"))
                .body("machineId", notNullValue())
                .body("decidedBy", equalTo("admin"));
        as("admin")
                .post("/api/v1/requests/{id}/deny", id)
                .then()
                .statusCode(400)
                .body("errors[0].field", equalTo("body"));
        as("admin")
                .body(Map.of("reason", "late"))
                .post("/api/v1/requests/{id}/deny", id)
                .then()
                .statusCode(409)
                .body("code", equalTo("already-decided"))
                .body("detail", endsWith("it was approved by admin."));
    }

    private static void needs(String id, String who) {
        QuarkusTransaction.requiringNew().run(() -> Panache.getEntityManager()
                .createNativeQuery("update request set needs = :who where id = :id")
                .setParameter("who", who)
                .setParameter("id", UUID.fromString(id))
                .executeUpdate());
    }

    @Test
    void anOwnerAnswersWhatNeedsOne() {
        String owner = portal.owner(tenant);
        String id = pending("owned");
        as(owner)
                .post("/api/v1/requests/{id}/approve", id)
                .then()
                .statusCode(403)
                .body("detail", equalTo("This request needs an admin's yes."));
        needs(id, "OWNER");
        as(user).post("/api/v1/requests/{id}/approve", id).then().statusCode(403);
        as(owner)
                .post("/api/v1/requests/{id}/approve", id)
                .then()
                .statusCode(200)
                .body("state", equalTo("APPROVED"))
                .body("decidedBy", equalTo(owner));
    }

    @Test
    void whatNeedsBothIsApprovedByTheAdminAfterTheOwner() {
        String owner = portal.owner(tenant);
        String id = pending("both");
        needs(id, "BOTH");
        as("admin")
                .post("/api/v1/requests/{id}/approve", id)
                .then()
                .statusCode(409)
                .body("code", equalTo("owner-first"));
        as(owner)
                .post("/api/v1/requests/{id}/approve", id)
                .then()
                .statusCode(200)
                .body("state", equalTo("PENDING"))
                .body("needs", equalTo("ADMIN"))
                .body("endorsedBy", equalTo(owner));
        as(owner).post("/api/v1/requests/{id}/approve", id).then().statusCode(403);
        as("admin")
                .post("/api/v1/requests/{id}/approve", id)
                .then()
                .statusCode(200)
                .body("state", equalTo("APPROVED"))
                .body("decidedBy", equalTo("admin"));
    }

    @Test
    void isDeniedWithAReason() {
        String id = pending("no");
        as("admin")
                .body(Map.of("reason", "Use the shared one."))
                .post("/api/v1/requests/{id}/deny", id)
                .then()
                .statusCode(200)
                .body("state", equalTo("DENIED"));
        as(user).get("/api/v1/requests/{id}", id)
                .then()
                .statusCode(200)
                .body("decisionReason", equalTo("Use the shared one."))
                .body("machineId", nullValue());
        assertThat(portal.used(tenant)).containsEntry(Resource.MACHINES, 0L).containsEntry(Resource.VCPUS, 0L);
        assertThat(portal.drift()).isEmpty();
    }

    @Test
    void isWithdrawn() {
        String id = pending("never-mind");
        as(user).post("/api/v1/requests/{id}/withdraw", id)
                .then()
                .statusCode(200)
                .body("state", equalTo("WITHDRAWN"));
        as(user).post("/api/v1/requests/{id}/withdraw", id).then().statusCode(409);
        assertThat(portal.used(tenant)).containsEntry(Resource.MACHINES, 0L);
        // Its name is free again.
        pending("never-mind");
    }

    @Test
    void twoAdminsAtOnce() {
        String id = pending("contested");
        List<Integer> statuses = Parallel.run(
                8, i -> as("admin").post("/api/v1/requests/{id}/approve", id).statusCode());
        assertThat(statuses).filteredOn(status -> status == 200).hasSize(1);
        assertThat(statuses).filteredOn(status -> status == 409).hasSize(7);
        as(user).get("/api/v1/tenants/{tenant}/machines", tenant).then().body("items.size()", equalTo(1));
    }

    /** The form carries a token; a double click sends it twice. */
    @Test
    void aFormSentTwiceIsOneRequest() {
        UUID token = UUID.randomUUID();
        Caller caller = tenants.caller(user, "test");
        Ask ask = new Ask(Portal.TEMPLATE, "tiny", "double", "nat", "qcow2", List.of(), "", 24, "");
        List<UUID> ids =
                Parallel.run(6, i -> requests.create(caller, tenant, ask, token).id());
        assertThat(ids).containsOnly(ids.get(0));
        assertThat(portal.used(tenant)).containsEntry(Resource.MACHINES, 1L);
    }

    @Test
    void takesAName() {
        as(user).body(ask("mine"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201);
        List<Integer> statuses = Parallel.run(6, i -> as(user).body(ask("mine"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .statusCode());
        assertThat(statuses).containsOnly(400);
        assertThat(portal.used(tenant)).containsEntry(Resource.MACHINES, 1L);
    }

    @Test
    void isListedPageByPage() {
        String wide = portal.tenant(7);
        for (int i = 0; i < 7; i++) {
            as(wide + "-user")
                    .body(ask("m" + i))
                    .post("/api/v1/tenants/{tenant}/requests", wide)
                    .then()
                    .statusCode(201);
        }
        for (String list : List.of("requests", "machines?sort=name", "machines?sort=lease", "machines")) {
            List<String> names = new java.util.ArrayList<>();
            String cursor = "";
            while (cursor != null) {
                var page = as(wide + "-user")
                        .queryParam("limit", 3)
                        .queryParam("cursor", cursor)
                        .get("/api/v1/tenants/" + wide + "/" + list)
                        .then()
                        .statusCode(200)
                        .extract();
                names.addAll(page.<List<String>>path("items.name"));
                cursor = page.path("next");
            }
            assertThat(names).as(list).hasSize(7).doesNotHaveDuplicates();
        }
    }
}
