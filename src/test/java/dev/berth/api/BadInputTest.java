package dev.berth.api;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import dev.berth.tenancy.Resource;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What must be refused is refused with a sentence and changes nothing; what is harmless passes as it is. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class BadInputTest {
    private static final String HOSTILE = "<a b='c' d=\"e\">&amp; ${x} {{y}} {z} $(id) `id` %s - : # | > * & ! ]]>";

    @Inject
    Portal portal;

    private String tenant;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(3);
    }

    private ValidatableResponse send(String field, Object value) {
        Map<String, Object> ask = ask("fine");
        ask.put(field, value);
        return as(tenant + "-user")
                .body(ask)
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then();
    }

    private void refused(String field, Object value) {
        String detail = send(field, value)
                .statusCode(400)
                .contentType("application/problem+json")
                .body("code", equalTo("invalid"))
                .body("errors[0].field", equalTo(field))
                .extract()
                .path("errors[0].detail");
        assertThat(detail).endsWith(".").hasSizeLessThan(200);
        assertThat(portal.used(tenant)).containsEntry(Resource.MACHINES, 0L);
    }

    static List<String> badNames() {
        return List.of(
                "a;touch x",
                "two\nlines",
                "x".repeat(300),
                "../",
                "..",
                "/etc/passwd",
                "a b",
                "Upper",
                "-lead",
                "trail-",
                "a_b",
                "a.b",
                "",
                " ",
                "$(id)",
                "<b>",
                "é",
                "a\u0000b");
    }

    @ParameterizedTest
    @MethodSource("badNames")
    void names(String name) {
        refused("name", name);
    }

    static List<String> unknownNames() {
        return Arrays.asList("nothing-like-it", "", null, "../linux", "a\u0000b", "' or '1'='1");
    }

    @ParameterizedTest
    @MethodSource("unknownNames")
    void unknownThings(String name) {
        for (String field : List.of("template", "size", "network", "storage")) {
            refused(field, name);
        }
    }

    @Test
    void aSizeThatTheTemplateDoesNotOffer() {
        refused("size", "large");
    }

    @Test
    void tooMuch() {
        refused("userData", "x".repeat(16_385));
        refused("userData", "é".repeat(9_000));
        refused("userData", "#!/bin/sh\n\u0007");
        refused("reason", "x".repeat(1_001));
        refused("leaseHours", 0);
        refused("leaseHours", -1);
        refused("leaseHours", 721);
        refused("sshKeys", List.of("not a key"));
        refused("sshKeys", List.of("ssh-rsa AAAA\nssh-rsa BBBB"));
        refused(
                "sshKeys",
                List.of(
                        "command=\"id\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDwlrkfYIcMKSGoBgSbCPqfVsjYDbvo5/BLa6EWhLfJJ"));
    }

    @Test
    void wrongTypes() {
        refused("leaseHours", "24");
        refused("leaseHours", 1.5);
        refused("leaseHours", 99_999_999_999L);
        refused("name", 7);
        refused("name", List.of("x"));
        refused("sshKeys", "one");
    }

    /** Mass assignment: what nobody asks for is not quietly dropped. */
    @Test
    void unknownFields() {
        for (String field :
                List.of("id", "tenant", "tenantId", "host", "hostId", "state", "owner", "formToken", "decidedBy")) {
            refused(field, "x");
        }
    }

    @Test
    void metacharactersStayWhatTheyAre() {
        Map<String, Object> ask = ask("quoted");
        ask.put("reason", HOSTILE);
        ask.put("userData", "#!/bin/sh\necho '" + HOSTILE + "'\n");
        String id = as(tenant + "-user")
                .body(ask)
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201)
                .extract()
                .path("id");
        as(tenant + "-user")
                .get("/api/v1/requests/{id}", id)
                .then()
                .body("reason", equalTo(HOSTILE))
                .body("machine.userData", equalTo(ask.get("userData")));
    }

    @Test
    void limitsCursorsAndFilters() {
        for (String query : List.of(
                "limit=0",
                "limit=201",
                "limit=x",
                "cursor=x",
                "cursor=eCB5",
                "state=bogus",
                "sort=password",
                "q=%00")) {
            int status = as("admin")
                    .urlEncodingEnabled(false)
                    .get("/api/v1/machines?" + query)
                    .statusCode();
            assertThat(status).as(query).isEqualTo(400);
        }
        for (String query : List.of("cursor=eCB5", "cursor=eCA5", "state=bogus", "limit=-1")) {
            assertThat(as("admin").get("/api/v1/requests?" + query).statusCode())
                    .as(query)
                    .isEqualTo(400);
        }
        assertThat(as("admin").get("/api/v1/audit?cursor=eCB5").statusCode()).isEqualTo(400);
        assertThat(as("admin").get("/api/v1/sizes?cursor=eCB5").statusCode()).isEqualTo(400);
        assertThat(as("admin")
                        .urlEncodingEnabled(false)
                        .get("/api/v1/tenants/a%00b")
                        .statusCode())
                .isIn(400, 404);
    }

    @Test
    void wildcardsInSearchesAreLetters() {
        as(tenant + "-user")
                .body(ask("plain"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201);
        as(tenant + "-user").queryParam("q", "%").get("/api/v1/machines").then().body("items.size()", equalTo(0));
        as(tenant + "-user")
                .queryParam("q", "lai")
                .get("/api/v1/machines")
                .then()
                .body("items.size()", equalTo(1));
    }

    @Test
    void badLimits() {
        for (Map<String, ?> limits : List.of(
                Map.<String, Object>of("machines", -1), Map.<String, Object>of("goats", 1), Map.<String, Object>of())) {
            as("admin")
                    .body(Map.of("limits", limits))
                    .put("/api/v1/tenants/{tenant}/quota", tenant)
                    .then()
                    .statusCode(400);
        }
        as("admin")
                .body("{}")
                .put("/api/v1/tenants/{tenant}/quota", tenant)
                .then()
                .statusCode(400);
    }
}
