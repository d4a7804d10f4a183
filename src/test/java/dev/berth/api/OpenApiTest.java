package dev.berth.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The OpenAPI document names every path of the API, with its problems and its idempotency key. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class OpenApiTest {
    private static final List<String> PATHS = List.of(
            "/audit",
            "/audit/export",
            "/hosts",
            "/hosts/{id}",
            "/hosts/{id}/state",
            "/image-imports",
            "/image-imports/{id}",
            "/image-imports/{id}/cancel",
            "/images",
            "/images/import",
            "/images/import-url",
            "/images/{image}",
            "/images/{image}/retire",
            "/jobs",
            "/jobs/{machine}/run",
            "/ledger/missing",
            "/ledger/strays",
            "/ledger/strays/{id}/remove",
            "/machines",
            "/machines/{id}",
            "/machines/{id}/captures",
            "/machines/{id}/captures/{capture}/cancel",
            "/machines/{id}/events",
            "/machines/{id}/extend",
            "/machines/{id}/extension-requests",
            "/machines/{id}/pin",
            "/machines/{id}/unpin",
            "/machines/{id}/reboot",
            "/machines/{id}/reset",
            "/machines/{id}/retry",
            "/machines/{id}/start",
            "/machines/{id}/stop",
            "/machines/{id}/moves",
            "/machines/{id}/moves/{move}",
            "/machines/{id}/moves/{move}/confirm",
            "/machines/{id}/moves/{move}/undo",
            "/machines/{id}/nics",
            "/machines/{id}/nics/{nic}",
            "/machines/{id}/shares",
            "/machines/{id}/shares/{share}",
            "/machines/{id}/snapshots",
            "/machines/{id}/snapshots/{snapshot}",
            "/machines/{id}/snapshots/{snapshot}/clone",
            "/machines/{id}/snapshots/{snapshot}/revert",
            "/mac-addresses",
            "/mac-addresses.csv",
            "/me",
            "/me/email/code",
            "/me/email/confirm",
            "/me/logins",
            "/me/logins/{login}",
            "/me/password",
            "/notice-switches",
            "/notices",
            "/notices/{id}/read",
            "/notices/read-all",
            "/network-kinds",
            "/network-profiles",
            "/network-profiles/{profile}",
            "/network-profiles/{profile}/check",
            "/network-profiles/{profile}/checks",
            "/network-profiles/{profile}/restore",
            "/network-profiles/{profile}/macs.csv",
            "/network-profiles/{profile}/retire",
            "/policies",
            "/policies/try-out",
            "/policies/{id}",
            "/requests",
            "/requests/{id}",
            "/requests/{id}/accept",
            "/requests/{id}/answer",
            "/requests/{id}/approve",
            "/requests/{id}/ask-back",
            "/requests/{id}/assignee",
            "/requests/{id}/deny",
            "/requests/{id}/events",
            "/requests/{id}/offer",
            "/requests/{id}/parts",
            "/requests/{id}/withdraw",
            "/sizes",
            "/sizes/{size}/retire",
            "/ssh-keys",
            "/ssh-keys/{id}",
            "/storage-kinds",
            "/storage-profiles",
            "/storage-profiles/{profile}",
            "/storage-profiles/{profile}/check",
            "/storage-profiles/{profile}/checks",
            "/storage-profiles/{profile}/devices",
            "/storage-profiles/{profile}/devices/{device}",
            "/storage-profiles/{profile}/devices/{device}/overwrite",
            "/storage-profiles/{profile}/restore",
            "/storage-profiles/{profile}/retire",
            "/storage-profiles/{profile}/secret",
            "/templates",
            "/templates/{template}",
            "/templates/{template}/policy",
            "/templates/{template}/revisions",
            "/templates/{template}/revisions/{number}",
            "/templates/{template}/revisions/{number}/approve",
            "/templates/{template}/revisions/{number}/deprecate",
            "/templates/{template}/revisions/{number}/reopen",
            "/templates/{template}/revisions/{number}/retire",
            "/templates/{template}/revisions/{number}/submit",
            "/tenants",
            "/tenants/{tenant}",
            "/tenants/{tenant}/machines",
            "/tenants/{tenant}/members",
            "/tenants/{tenant}/members/{username}",
            "/tenants/{tenant}/quota",
            "/tenants/{tenant}/requests",
            "/tenants/{tenant}/webhooks",
            "/tokens",
            "/tokens/{id}",
            "/usage",
            "/usage/prices",
            "/users",
            "/users/{username}",
            "/users/{username}/tokens",
            "/users/{username}/tokens/{id}",
            "/users/{username}/disable",
            "/users/{username}/email",
            "/users/{username}/enable",
            "/users/{username}/password",
            "/users/{username}/roles",
            "/webhooks",
            "/webhooks/{id}",
            "/webhooks/{id}/deliveries",
            "/webhooks/{id}/deliveries/{delivery}/retry",
            "/webhooks/{id}/test");

    @Inject
    Portal portal;

    private JsonPath document;

    @BeforeEach
    void fetch() {
        document = given().get("/q/openapi?format=json")
                .then()
                .statusCode(200)
                .extract()
                .jsonPath();
    }

    @Test
    void namesEveryPath() {
        Map<String, Map<String, Object>> paths = document.getMap("paths");
        assertThat(paths.keySet())
                .containsAll(PATHS.stream().map(path -> "/api/v1" + path).toList());
        assertThat(paths.keySet()).allMatch(path -> path.startsWith("/api/v1/"));
    }

    @Test
    void describesEveryOperation() {
        Map<String, Map<String, Map<String, Object>>> paths = document.getMap("paths");
        paths.forEach((path, operations) -> operations.forEach((method, operation) -> {
            if (!List.of("get", "post", "put", "delete").contains(method)) {
                return;
            }
            assertThat(operation).as(method + " " + path).containsKeys("summary", "tags", "responses");
            assertThat(String.valueOf(operation.get("responses"))).contains("#/components/schemas/Problem");
            if (!method.equals("get")
                    && !String.valueOf(operation.get("requestBody")).contains("multipart")) {
                assertThat(String.valueOf(operation.get("parameters")))
                        .as(method + " " + path)
                        .contains("Idempotency-Key");
            }
        }));
        assertThat(document.getString("components.securitySchemes.basic.scheme"))
                .isEqualTo("basic");
        assertThat(document.getString("components.securitySchemes.bearer.scheme"))
                .isEqualTo("bearer");
        assertThat(document.getString("info.title")).isEqualTo("Berth");
        assertThat(document.getMap("components.schemas.Machine.properties"))
                .containsKeys("state", "address", "leaseUntil");
    }
}
