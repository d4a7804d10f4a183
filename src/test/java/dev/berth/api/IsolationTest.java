package dev.berth.api;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static dev.berth.testing.Portal.largeAsk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.emptyIterable;
import static org.hamcrest.Matchers.equalTo;

import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.http.Method;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Another tenant's things are not found, whatever is done with them; an admin's are forbidden. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class IsolationTest {
    @Inject
    Portal portal;

    private String tenant;
    private String stranger;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(5);
        stranger = portal.tenant(5) + "-user";
    }

    private String request(Map<String, Object> ask, String path) {
        return as(tenant + "-user")
                .body(ask)
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201)
                .extract()
                .path(path);
    }

    @Test
    void aStrangerFindsNothing() {
        String machine = request(ask("ours"), "machineId");
        String pending = request(largeAsk("later"), "id");
        String disk =
                as(tenant + "-user").get("/api/v1/machines/{id}/disks", machine).path("items[0].id");
        Map<String, Method> calls = Map.ofEntries(
                Map.entry("/tenants/" + tenant, Method.GET),
                Map.entry("/tenants/" + tenant + "/quota", Method.GET),
                Map.entry("/tenants/" + tenant + "/requests", Method.GET),
                Map.entry("/tenants/" + tenant + "/machines", Method.GET),
                Map.entry("/tenants/" + tenant + "/members", Method.GET),
                Map.entry("/tenants/" + tenant + "/members/" + tenant + "-user", Method.DELETE),
                Map.entry("/requests/" + pending, Method.GET),
                Map.entry("/requests/" + pending + "/withdraw", Method.POST),
                Map.entry("/machines/" + machine, Method.GET),
                Map.entry("/machines/" + machine + "/events", Method.GET),
                Map.entry("/machines/" + machine + "/nics", Method.GET),
                Map.entry("/machines/" + machine + "/disks", Method.GET),
                Map.entry("/tenants/" + tenant + "/disks", Method.GET),
                Map.entry("/disks/" + disk, Method.GET),
                Map.entry("/disks/" + disk + "/detach", Method.POST),
                Map.entry("/machines/" + machine + "/snapshots", Method.GET),
                Map.entry("/machines/" + machine + "/snapshots/" + machine, Method.GET),
                Map.entry("/machines/" + machine + "/snapshots/" + machine + "/revert", Method.POST),
                Map.entry("/machines/" + machine + "/start", Method.POST),
                Map.entry("/machines/" + machine + "/stop", Method.POST),
                Map.entry("/machines/" + machine + "/reboot", Method.POST),
                Map.entry("/machines/" + machine + "/reset", Method.POST),
                Map.entry("/machines/" + machine + "/retry", Method.POST));
        calls.forEach((path, method) -> as(stranger)
                .request(method, "/api/v1" + path)
                .then()
                .statusCode(404)
                .body("code", equalTo("not-found")));
        as(stranger).delete("/api/v1/machines/{id}", machine).then().statusCode(404);
        as(stranger)
                .delete("/api/v1/machines/{id}/snapshots/{id}", machine, machine)
                .then()
                .statusCode(404);
        as(stranger)
                .body(Map.of("name", "sneak"))
                .post("/api/v1/machines/{id}/snapshots", machine)
                .then()
                .statusCode(404);
        as(stranger)
                .body(Map.of("name", "sneak", "size", "tiny", "network", "nat", "storage", "qcow2", "leaseHours", 1))
                .post("/api/v1/machines/{id}/snapshots/{snapshot}/clone", machine, machine)
                .then()
                .statusCode(404);
        as(stranger).delete("/api/v1/disks/{id}", disk).then().statusCode(404);
        as(stranger)
                .body(Map.of("sizeGib", 9))
                .post("/api/v1/disks/{id}/grow", disk)
                .then()
                .statusCode(404);
        as(stranger)
                .body(Map.of("machine", machine))
                .post("/api/v1/disks/{id}/attach", disk)
                .then()
                .statusCode(404);
        as(stranger)
                .body(Map.of("storage", "qcow2", "sizeGib", 1, "name", "sneak"))
                .post("/api/v1/machines/{id}/disks", machine)
                .then()
                .statusCode(404);
        as(stranger)
                .body(Map.of("hours", 3))
                .post("/api/v1/machines/{id}/extend", machine)
                .then()
                .statusCode(404);
        as(stranger)
                .body(Map.of("username", stranger))
                .post("/api/v1/tenants/{tenant}/members", tenant)
                .then()
                .statusCode(404);
        as(stranger)
                .body(Map.of("role", "MEMBER"))
                .put("/api/v1/tenants/{tenant}/members/{user}", tenant, tenant + "-user")
                .then()
                .statusCode(404);
        as(stranger)
                .body(ask("sneak"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(404);
        for (String list : List.of("/machines", "/requests")) {
            as(stranger).get("/api/v1" + list).then().statusCode(200).body("items", emptyIterable());
        }
        as(tenant + "-user").get("/api/v1/machines/{id}", machine).then().body("wanted", equalTo("RUNNING"));
    }

    @Test
    void onlyAdminsMayRunThePlace() {
        String pending = request(largeAsk("ask"), "id");
        as(tenant + "-user")
                .body(Map.of("reason", "no"))
                .post("/api/v1/requests/{id}/deny", pending)
                .then()
                .statusCode(403);
        as(tenant + "-user")
                .post("/api/v1/requests/{id}/approve", pending)
                .then()
                .statusCode(403);
        as(tenant + "-user")
                .body(Map.of("limits", Map.of("machines", 99)))
                .put("/api/v1/tenants/{tenant}/quota", tenant)
                .then()
                .statusCode(403);
        as(tenant + "-user")
                .body(Map.of("username", stranger))
                .post("/api/v1/tenants/{tenant}/members", tenant)
                .then()
                .statusCode(403);
        as(tenant + "-user")
                .body(Map.of("slug", "mine", "name", "Mine"))
                .post("/api/v1/tenants")
                .then()
                .statusCode(403);
        as(tenant + "-user")
                .body(Map.of("username", "eve", "displayName", "Eve", "password", "correct horse"))
                .post("/api/v1/users")
                .then()
                .statusCode(403);
        for (String verb : List.of("/disable", "/enable")) {
            as(tenant + "-user").post("/api/v1/users/admin" + verb).then().statusCode(403);
        }
        as(tenant + "-user")
                .body(Map.of("password", "correct horse"))
                .put("/api/v1/users/admin/password")
                .then()
                .statusCode(403);
        as(tenant + "-user").get("/api/v1/users").then().statusCode(403);
        as(tenant + "-user").get("/api/v1/users/admin").then().statusCode(403);
        as(tenant + "-user").get("/api/v1/hosts").then().statusCode(403);
        as(tenant + "-user").get("/api/v1/audit").then().statusCode(403);
        as(tenant + "-user").get("/api/v1/jobs").then().statusCode(403);
        as(tenant + "-user")
                .post("/api/v1/jobs/{id}/run", request(ask("queued"), "machineId"))
                .then()
                .statusCode(403);
        as(tenant + "-user")
                .body(Map.of("slug", "x", "name", "X", "vcpus", 1, "memoryMib", 64, "diskGib", 1))
                .post("/api/v1/sizes")
                .then()
                .statusCode(403);
        as(tenant + "-user")
                .post("/api/v1/templates/linux/revisions/1/retire")
                .then()
                .statusCode(403);
        as(tenant + "-user")
                .get("/api/v1/network-profiles/nat")
                .then()
                .statusCode(200)
                .body("config", equalTo(null));
        as("admin").get("/api/v1/network-profiles/nat").then().body("config.cidr", equalTo("10.77.0.0/20"));
        as("admin").get("/api/v1/hosts").then().statusCode(200).body("items[0].name", equalTo("paper"));
    }

    @Test
    void anAdminSeesAllAndChangesLeaveATrace() {
        String machine = request(ask("seen"), "machineId");
        as("admin").get("/api/v1/machines/{id}", machine).then().statusCode(200);
        as("admin")
                .body(Map.of("limits", Map.of("machines", 1)))
                .put("/api/v1/tenants/{tenant}/quota", tenant)
                .then()
                .statusCode(200)
                .body("items.find { it.resource == 'machines' }.limit", equalTo(1));
        as(tenant + "-user")
                .body(ask("over"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(409);
        String action = as("admin")
                .queryParam("username", "admin")
                .queryParam("action", "quota.")
                .get("/api/v1/audit")
                .then()
                .statusCode(200)
                .extract()
                .path("items[0].action");
        assertThat(action).isEqualTo("quota.set");
    }

    @Test
    void meAndMyKeys() {
        as(stranger).get("/api/v1/me").then().body("tenants.size()", equalTo(1)).body("admin", equalTo(false));
        String key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDwlrkfYIcMKSGoBgSbCPqfVsjYDbvo5/BLa6EWhLfJJ me@laptop";
        String id = as(stranger)
                .body(Map.of("publicKey", key))
                .post("/api/v1/ssh-keys")
                .then()
                .statusCode(201)
                .body("name", equalTo("me@laptop"))
                .extract()
                .path("id");
        as(tenant + "-user").delete("/api/v1/ssh-keys/{id}", id).then().statusCode(404);
        as(tenant + "-user").get("/api/v1/ssh-keys").then().body("items", emptyIterable());
        as(stranger).delete("/api/v1/ssh-keys/{id}", id).then().statusCode(204);
        as(stranger).get("/api/v1/ssh-keys").then().body("items", emptyIterable());
    }
}
