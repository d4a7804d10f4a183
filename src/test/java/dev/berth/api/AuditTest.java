package dev.berth.api;

import static dev.berth.testing.Portal.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import dev.berth.web.Browser;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The audit log says what was before and is now, is found by each of its parts, and leaves whole. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class AuditTest {
    @Inject
    Portal portal;

    private String tenant;
    private String user;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(3);
        user = tenant + "-user";
    }

    @Test
    void saysWhatWasAndWhatIs() {
        as("admin")
                .body(Map.of("limits", Map.of("machines", 7)))
                .put("/api/v1/tenants/{tenant}/quota", tenant)
                .then()
                .statusCode(200);
        as("admin")
                .body(Map.of("role", "OWNER"))
                .put("/api/v1/tenants/{tenant}/members/{user}", tenant, user)
                .then()
                .statusCode(200);
        as("admin")
                .get("/api/v1/audit?action=quota.set&subject=" + tenant)
                .then()
                .body("items[0].detail.before.machines", equalTo(3))
                .body("items[0].detail.after.machines", equalTo(7))
                .body("items[0].detail.after.size()", equalTo(1));
        String page = Browser.of("admin").html("/admin/audit?team=" + tenant);
        assertThat(page)
                .contains("machines: <span class=\"was\">3</span> → <span class=\"is\">7</span>")
                .contains("role: <span class=\"was\">MEMBER</span> → <span class=\"is\">OWNER</span>");
        as("admin").post("/api/v1/users/{user}/disable", user).then().statusCode(200);
        as("admin")
                .get("/api/v1/audit?subject=" + user)
                .then()
                .body("items[0].detail.before.disabled", equalTo(false))
                .body("items[0].detail.after.disabled", equalTo(true));
    }

    @Test
    void isFoundByEachOfItsParts() {
        as("admin").get("/api/v1/audit?tenant=" + tenant).then().body("items.tenantSlug", everyItem(equalTo(tenant)));
        as("admin")
                .get("/api/v1/audit?q=" + user.toUpperCase(java.util.Locale.ROOT))
                .then()
                .body("items.subjectName", everyItem(equalTo(user)))
                .body("items.action", hasItem("member.add"));
        as("admin").get("/api/v1/audit?q=100%25sure").then().body("items.size()", equalTo(0));
        Instant now = Instant.now();
        as("admin")
                .get("/api/v1/audit?tenant=" + tenant + "&until=" + now.minus(1, ChronoUnit.HOURS))
                .then()
                .body("items.size()", equalTo(0));
        String today = now.toString().substring(0, 10);
        as("admin")
                .get("/api/v1/audit?tenant=%s&from=%s&until=%s"
                        .formatted(
                                tenant, now.minus(1, ChronoUnit.DAYS).toString().substring(0, 10), today))
                .then()
                .body("items.action", hasItem("tenant.create"));
        as("admin").get("/api/v1/audit?from=yesterday").then().statusCode(400).body("errors[0].field", equalTo("from"));
        assertThat(Browser.of("admin").get("/admin/audit?from=yesterday").statusCode())
                .isEqualTo(422);
    }

    @Test
    void leavesAsJsonLinesAndAsCsv() throws IOException {
        as("admin")
                .body(Map.of("slug", tenant + "-f", "name", "=cmd()", "limits", Map.of()))
                .post("/api/v1/tenants")
                .then()
                .statusCode(201);
        String path = "/api/v1/audit/export?tenant=" + tenant + "-f";
        List<JsonNode> events = new ArrayList<>();
        for (String line : as("admin").get(path + "&format=jsonl").asString().split("\n", -1)) {
            if (!line.isEmpty()) {
                events.add(new ObjectMapper().readTree(line));
            }
        }
        assertThat(events).extracting(event -> event.get("action").asText()).contains("tenant.create", "quota.set");
        assertThat(events.get(0).has("changes")).isFalse();
        String csv = as("admin").get(path).asString();
        assertThat(csv).startsWith("\"at\",\"user\"").contains("name==cmd()").doesNotContain("\"=cmd");
        as("admin").get(path + "&format=xml").then().statusCode(400);
        as(user).get(path).then().statusCode(403);
        assertThat(Browser.of("admin").get("/admin/audit.jsonl").contentType()).isEqualTo("application/jsonl");
        assertThat(Browser.of(user).get("/admin/audit.jsonl").statusCode()).isEqualTo(403);
    }
}
