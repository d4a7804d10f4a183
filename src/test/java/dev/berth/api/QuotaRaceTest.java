package dev.berth.api;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A quota can't be passed by asking often and fast. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class QuotaRaceTest {
    private static final int ROOM = 10;
    private static final int ASKS = 200;

    @Inject
    Portal portal;

    @BeforeEach
    void make() {
        portal.make();
    }

    @Test
    void tenPassAndTheOthersAreToldWhy() {
        String tenant = portal.tenant(ROOM);
        as(tenant + "-user").get("/api/v1/me").then().statusCode(200);

        List<Response> answers = Parallel.run(
                ASKS, i -> as(tenant + "-user").body(ask("m" + i)).post("/api/v1/tenants/{tenant}/requests", tenant));

        assertThat(answers).filteredOn(answer -> answer.statusCode() == 201).hasSize(ROOM);
        List<Response> refused =
                answers.stream().filter(answer -> answer.statusCode() != 201).toList();
        assertThat(refused).hasSize(ASKS - ROOM).allSatisfy(answer -> {
            assertThat(answer.statusCode()).isEqualTo(409);
            assertThat(answer.<String>path("code")).isEqualTo("quota-exceeded");
            assertThat(answer.<String>path("detail"))
                    .contains("quota of " + tenant + " for machines")
                    .contains("10 of 10 in use");
        });
        assertThat(portal.used(tenant))
                .containsEntry(Resource.MACHINES, 10L)
                .containsEntry(Resource.VCPUS, 10L)
                .containsEntry(Resource.MEMORY_MIB, 1_280L)
                .containsEntry(Resource.DISK_GIB, 10L);
        assertThat(portal.drift()).isEmpty();
    }
}
