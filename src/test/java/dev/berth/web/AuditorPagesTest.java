package dev.berth.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.equalTo;

import dev.berth.security.Caller;
import dev.berth.tenancy.Accounts;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** An auditor sees what an admin sees, and changes nothing of it. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class AuditorPagesTest {
    private static final String SECRET = "a few long words";

    @Inject
    Portal portal;

    @Inject
    Accounts accounts;

    @Inject
    EntityManager em;

    @Test
    void anAuditorReadsWhatAdminsRead() {
        portal.make();
        Browser otto = Browser.of("otto");
        for (String page : List.of(
                "/admin/tenants",
                "/admin/users",
                "/admin/users/bob",
                "/admin/templates",
                "/admin/templates/linux",
                "/admin/policies",
                "/admin/images",
                "/admin/images/linux",
                "/admin/sizes",
                "/admin/networks",
                "/admin/networks/nat",
                "/admin/storage",
                "/admin/storage/qcow2",
                "/admin/hosts",
                "/admin/jobs",
                "/admin/usage",
                "/admin/webhooks",
                "/admin/audit",
                "/inbox",
                "/t/blue",
                "/t/blue/machines",
                "/t/blue/members",
                "/t/blue/webhooks",
                "/t/green/quota")) {
            assertThat(otto.get(page).statusCode()).as(page).isEqualTo(200);
        }
        assertThat(otto.html("/admin/users")).contains("id=\"looks-on\"", "class=\"looks-on\"", "Audited");
        assertThat(otto.html("/t/blue/machines")).contains("id=\"looks-on\"");
        assertThat(otto.html("/account")).doesNotContain("id=\"looks-on\"").contains("Auditor");
        assertThat(Browser.of("admin").html("/admin/users")).doesNotContain("id=\"looks-on\"");
        assertThat(otto.post("/admin/users/bob/disable", Map.of()).statusCode()).isEqualTo(403);
        assertThat(otto.post("/t/blue/members", Map.of("username", "otto", "role", "OWNER"))
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void anAuditorReadsAWebhookButNotItsAddress() {
        portal.make();
        String id = Portal.as("admin")
                .body(Map.of(
                        "name",
                        "Chat",
                        "url",
                        "https://hooks.example.org/as-good-as-a-password",
                        "topics",
                        List.of("REQUEST")))
                .post("/api/v1/webhooks")
                .then()
                .statusCode(201)
                .extract()
                .path("id");
        Portal.as("otto")
                .get("/api/v1/webhooks/{id}", id)
                .then()
                .statusCode(200)
                .body("url", equalTo("https://hooks.example.org/..."))
                .body("secret", equalTo(null));
        assertThat(Browser.of("otto").html("/admin/webhooks")).doesNotContain("as-good-as-a-password");
        Portal.as("otto").delete("/api/v1/webhooks/{id}", id).then().statusCode(404);
        Portal.as("admin").delete("/api/v1/webhooks/{id}", id).then().statusCode(204);
    }

    @Test
    void adminsAppointAuditorsAndOneAdminStays() {
        portal.make();
        String name = "r" + UUID.randomUUID().toString().substring(0, 8);
        Browser admin = Browser.of("admin");
        assertThat(admin.post(
                                "/admin/users",
                                Map.of("username", name, "displayName", "R", "password", SECRET, "auditor", "true"))
                        .statusCode())
                .isEqualTo(303);
        Portal.as(name, SECRET)
                .get("/api/v1/me")
                .then()
                .body("auditor", equalTo(true))
                .body("admin", equalTo(false));
        Portal.as(name, SECRET).get("/api/v1/audit").then().statusCode(200);

        assertThat(admin.post("/admin/users/" + name + "/roles", Map.of("admin", "true"))
                        .statusCode())
                .isEqualTo(303);
        Portal.as(name, SECRET)
                .body(Map.of("admin", false, "auditor", false))
                .put("/api/v1/users/{name}/roles", name)
                .then()
                .statusCode(200)
                .body("admin", equalTo(false));
        Portal.as(name, SECRET).get("/api/v1/audit").then().statusCode(403);
        Portal.as("admin")
                .queryParam("action", "user.set-roles")
                .get("/api/v1/audit")
                .then()
                .body("items[0].detail.before.admin", equalTo(true))
                .body("items[0].detail.after.admin", equalTo(false));
    }

    @Test
    void theLastAdminStaysOne() {
        QuarkusTransaction.begin();
        try {
            em.createNativeQuery("update app_user set admin = false where username <> 'admin'")
                    .executeUpdate();
            assertThatThrownBy(() -> accounts.setRoles(Caller.system("test"), "admin", false, true))
                    .hasMessageContaining("the last admin");
            assertThatThrownBy(() -> accounts.setDisabled(Caller.system("test"), "admin", true))
                    .hasMessageContaining("the last admin");
        } finally {
            QuarkusTransaction.rollback();
        }
    }
}
