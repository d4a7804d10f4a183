package dev.berth.api;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

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
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import java.lang.reflect.Method;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A call under an Idempotency-Key is done once, however often and however fast it is sent. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class IdempotencyTest {
    private static final List<Class<?>> RESOURCES = List.of(
            HostResource.class,
            ImageResource.class,
            MachineResource.class,
            NetworkProfileResource.class,
            RequestResource.class,
            SizeResource.class,
            SshKeyResource.class,
            StorageProfileResource.class,
            StorageSecretResource.class,
            TemplateResource.class,
            TenantResource.class);

    @Inject
    Portal portal;

    @Inject
    IdempotencyKeys keys;

    private String tenant;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(5);
    }

    private Response create(String key, Map<String, Object> ask) {
        return as(tenant + "-user")
                .header("Idempotency-Key", key)
                .body(ask)
                .post("/api/v1/tenants/{tenant}/requests", tenant);
    }

    @Test
    void theSecondTimeGetsTheFirstAnswer() {
        String key = UUID.randomUUID().toString();
        Response first = create(key, ask("once"));
        Response second = create(key, ask("once"));
        assertThat(first.statusCode()).isEqualTo(201);
        assertThat(first.header("Idempotency-Replayed")).isNull();
        assertThat(second.statusCode()).isEqualTo(201);
        assertThat(second.header("Idempotency-Replayed")).isEqualTo("true");
        assertThat(second.header("Location")).isEqualTo(first.header("Location"));
        assertThat(second.jsonPath().getMap("")).isEqualTo(first.jsonPath().getMap(""));
        assertThat(portal.used(tenant)).containsEntry(Resource.MACHINES, 1L);
    }

    @Test
    void twinsAtOnce() {
        String key = UUID.randomUUID().toString();
        List<Response> answers = Parallel.run(12, i -> create(key, ask("twin")));
        assertThat(answers).allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(201));
        assertThat(answers.stream().map(answer -> answer.<String>path("id")).distinct())
                .hasSize(1);
        assertThat(answers)
                .filteredOn(answer -> answer.header("Idempotency-Replayed") == null)
                .hasSize(1);
        assertThat(portal.used(tenant)).containsEntry(Resource.MACHINES, 1L);
    }

    @Test
    void aKeyStandsForOneRequest() {
        String key = UUID.randomUUID().toString();
        create(key, ask("first"));
        create(key, ask("second")).then().statusCode(422).body("code", equalTo("idempotency-key-reused"));
        as(tenant + "-user")
                .header("Idempotency-Key", key)
                .delete("/api/v1/machines/{id}", UUID.randomUUID())
                .then()
                .statusCode(422);
        // Somebody else's key is another key.
        as("admin")
                .header("Idempotency-Key", key)
                .body(ask("third"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201);
    }

    @Test
    void anErrorIsNotKept() {
        String key = UUID.randomUUID().toString();
        create(key, ask("Bad Name")).then().statusCode(400);
        create(key, ask("good-name")).then().statusCode(201).header("Idempotency-Replayed", nullValue());
    }

    @Test
    void verbsAndAnswersWithoutABody() {
        String machine = create(UUID.randomUUID().toString(), ask("verbs")).path("machineId");
        String key = "delete-" + UUID.randomUUID();
        for (int i = 0; i < 2; i++) {
            as(tenant + "-user")
                    .header("Idempotency-Key", key)
                    .delete("/api/v1/machines/{id}", machine)
                    .then()
                    .statusCode(202)
                    .body("state", equalTo("DELETING"));
        }
        String sshKey = as(tenant + "-user")
                .body(Map.of(
                        "publicKey",
                        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDwlrkfYIcMKSGoBgSbCPqfVsjYDbvo5/BLa6EWhLfJJ"))
                .post("/api/v1/ssh-keys")
                .path("id");
        for (int i = 0; i < 2; i++) {
            as(tenant + "-user")
                    .header("Idempotency-Key", "forget")
                    .delete("/api/v1/ssh-keys/{id}", sshKey)
                    .then()
                    .statusCode(204);
        }
    }

    @Test
    void syntax() {
        for (String key : List.of("with blank", "x".repeat(101), "é")) {
            create(key, ask("key")).then().statusCode(400).body("errors[0].field", equalTo("Idempotency-Key"));
        }
    }

    @Test
    void oldKeysAreForgotten() {
        String key = UUID.randomUUID().toString();
        create(key, ask("forgotten"));
        assertThat(keys.purge(Instant.now().plusSeconds(60))).isPositive();
        create(key, ask("forgotten")).then().statusCode(400).body("errors[0].field", equalTo("name"));
    }

    @Test
    void everyWriteTakesAKey() {
        Stream<Method> writes = RESOURCES.stream()
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(POST.class)
                        || method.isAnnotationPresent(PUT.class)
                        || method.isAnnotationPresent(DELETE.class));
        assertThat(writes.filter(method -> !method.isAnnotationPresent(Idempotent.class)))
                .extracting(Method::getName)
                .containsExactly("upload");
    }
}
