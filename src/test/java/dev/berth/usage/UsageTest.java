package dev.berth.usage;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import dev.berth.common.BerthConfig;
import dev.berth.security.Caller;
import dev.berth.tenancy.Tenants;
import dev.berth.testing.Parallel;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import dev.berth.web.Browser;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Hours are counted from the rows of machines and disks, whoever changes them. The days lie far from those on which other
 * tests make machines; the mark of closed days is put back.
 */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class UsageTest {
    @Inject
    Portal portal;

    @Inject
    EntityManager em;

    @Inject
    UsageConfig config;

    @Inject
    BerthConfig berth;

    @Inject
    Tenants tenants;

    @Inject
    DataSource database;

    private final SetClock clock = new SetClock();
    private Accrual accrual;
    private String tenant;
    private String user;
    private UUID machine;

    @BeforeEach
    void make() throws SQLException {
        portal.make();
        tenant = portal.tenant(3);
        user = tenant + "-user";
        machine = UUID.fromString(as(user).body(ask("counted"))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201)
                .extract()
                .path("machineId"));
        // Whatever was asked for is not what this is about: only the spans that the test makes.
        sql("delete from usage_span where tenant_id = '" + tenantId() + "'");
        sql("update usage_mark set closed_day = '2030-03-09'");
        accrual = new Accrual(em, config, berth, clock);
    }

    @AfterEach
    void putBack() throws SQLException {
        sql("update usage_mark set closed_day = (now() at time zone 'UTC')::date - 1");
        sql("delete from usage_day where day > '2030-01-01'");
        sql("delete from usage_quota_day where day > '2030-01-01'");
        sql("delete from usage_price");
    }

    private void sql(String statement) throws SQLException {
        try (var connection = database.getConnection();
                var made = connection.createStatement()) {
            made.execute(statement);
        }
    }

    private void seen(String state, String at) throws SQLException {
        sql("update machine set seen = '%s', seen_at = '%s' where id = '%s'".formatted(state, at, machine));
    }

    private void addUp(String now) {
        clock.set(now);
        QuarkusTransaction.requiringNew().run(accrual::run);
    }

    private UUID tenantId() {
        return tenants.get(Caller.system("test"), tenant).id();
    }

    private double vcpuHours(String day) {
        return hours(day, "vcpuHours");
    }

    private double hours(String day, String what) {
        Float found = as(user).get("/api/v1/usage?tenant=%s&from=%s&to=%s".formatted(tenant, day, day))
                .then()
                .statusCode(200)
                .extract()
                .path("items.%s.sum()".formatted(what));
        return found == null ? 0 : found;
    }

    @Test
    void countsWhatRanAndNoMore() throws SQLException {
        seen("RUNNING", "2030-03-10T22:00:00Z");
        addUp("2030-03-10T23:00:00Z");
        assertThat(vcpuHours("2030-03-10")).isCloseTo(1, within(0.001));
        // Doing it again, at once and by several, changes nothing.
        addUp("2030-03-10T23:00:00Z");
        Parallel.run(4, i -> {
            QuarkusTransaction.requiringNew().run(accrual::run);
            return i;
        });
        assertThat(vcpuHours("2030-03-10")).isCloseTo(1, within(0.001));
        seen("PAUSED", "2030-03-11T00:30:00Z");
        seen("STOPPED", "2030-03-11T01:00:00Z");
        // Nobody looked for a while: midnight has passed, and the day before is put right.
        addUp("2030-03-12T09:00:00Z");
        assertThat(vcpuHours("2030-03-10")).isCloseTo(2, within(0.001));
        assertThat(vcpuHours("2030-03-11")).isCloseTo(1, within(0.001));
        assertThat(vcpuHours("2030-03-12")).isZero();
        assertThat(hours("2030-03-11", "memoryGibHours")).isCloseTo(0.125, within(0.001));
        // The machine's end ends it.
        seen("RUNNING", "2030-03-12T10:00:00Z");
        sql("update machine set seen = 'NONE', gone_at = '2030-03-12T12:00:00Z' where id = '%s'".formatted(machine));
        addUp("2030-03-12T13:00:00Z");
        assertThat(vcpuHours("2030-03-12")).isCloseTo(2, within(0.001));
        // A clock that was ahead for a while is believed no longer than it was.
        addUp("2030-06-01T00:00:00Z");
        addUp("2030-03-12T13:00:00Z");
        assertThat(vcpuHours("2030-03-12")).isCloseTo(2, within(0.001));
        // A closed day stays closed.
        sql("delete from usage_span where tenant_id = '" + tenantId() + "'");
        addUp("2030-03-12T14:00:00Z");
        assertThat(vcpuHours("2030-03-11")).isCloseTo(1, within(0.001));
        assertThat(vcpuHours("2030-03-12")).isZero();
    }

    @Test
    void disksCountAsLongAsTheyAreThere() throws SQLException {
        sql("insert into usage_span (subject_id, tenant_id, tenant_slug, owner_name, template_name, disk_gib, began_at)"
                + " select id, tenant_id, tenant_slug, '" + user
                + "', 'Linux', size_gib, '2030-03-10T20:00:00Z' from disk where machine_id = '" + machine + "'");
        addUp("2030-03-10T22:00:00Z");
        assertThat(hours("2030-03-10", "diskGibHours")).isCloseTo(2, within(0.001));
        // Its row goes now, which is before the span began: nothing is ever negative.
        sql("update disk set size_gib = size_gib + 1 where machine_id = '" + machine + "'");
        addUp("2030-03-10T22:00:00Z");
        assertThat(hours("2030-03-10", "diskGibHours")).isCloseTo(4, within(0.001));
    }

    @Test
    void showsItsOwnToEachTeamAndAllToAdmins() throws SQLException {
        seen("RUNNING", "2030-03-10T00:00:00Z");
        addUp("2030-03-11T00:00:30Z");
        String days = "from=2030-03-10&to=2030-03-10";
        as(user).get("/api/v1/usage?" + days).then().statusCode(403);
        as("carol").get("/api/v1/usage?tenant=" + tenant).then().statusCode(404);
        as("admin").get("/api/v1/usage?by=template&" + days).then().body("items.name", hasItem("Linux"));
        as("admin")
                .body(Map.of("currency", "EUR", "vcpuHour", 0.5, "memoryGibHour", 0, "diskGibHour", 0))
                .put("/api/v1/usage/prices")
                .then()
                .statusCode(200);
        as(user).get("/api/v1/usage?tenant=%s&%s".formatted(tenant, days))
                .then()
                .body("currency", equalTo("EUR"))
                .body("items[0].name", equalTo(user))
                .body("items[0].cost", equalTo(12.0f));
        as(user).body(Map.of("currency", "EUR"))
                .put("/api/v1/usage/prices")
                .then()
                .statusCode(403);
        as("admin")
                .body(Map.of("currency", "EUR", "vcpuHour", -1, "memoryGibHour", 0, "diskGibHour", 0))
                .put("/api/v1/usage/prices")
                .then()
                .statusCode(400);
        String page = Browser.of(user).html("/t/" + tenant + "/usage?" + days);
        assertThat(page).contains("<title id=\"chart-vcpu-name\">", "2030-03-10: 24.0", "12.00 EUR");
        assertThat(Browser.of("admin").html("/admin/usage?" + days)).contains(tenant);
        assertThat(Browser.of(user).get("/t/" + tenant + "/usage?from=x").statusCode())
                .isEqualTo(422);
        assertThat(Browser.of(user).html("/t/" + tenant + "/usage/export.csv?" + days))
                .startsWith("\"day\",\"user\"")
                .contains("\"2030-03-10\",\"" + user + "\",\"24.0000\"");
        assertThat(Browser.of(user).get("/admin/usage/export.csv").statusCode()).isEqualTo(403);
        as("admin").delete("/api/v1/usage/prices").then().statusCode(204);
        as("admin").get("/api/v1/usage/prices").then().statusCode(404);
    }

    @Test
    void saysWhenLimitsAreMet() throws SQLException {
        for (int ago = 1; ago < 10; ago++) {
            sql("insert into usage_quota_day select (now() at time zone 'UTC')::date - %d, '%s', 'forwards', 0"
                    .formatted(ago, tenantId()));
        }
        as(user).get("/api/v1/usage?tenant=" + tenant)
                .then()
                .body("forecasts.find { it.line == 'forwards' }.words", equalTo("Not at this rate."));
        assertThat(Browser.of(user).html("/t/" + tenant + "/usage"))
                .contains("When limits are met", "Not at this rate.");
    }
}
