package dev.berth.provisioning;

import static dev.berth.testing.Portal.as;
import static dev.berth.testing.Portal.ask;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import dev.berth.machines.Machine;
import dev.berth.machines.Machines;
import dev.berth.security.Caller;
import dev.berth.testing.Portal;
import dev.berth.testing.PostgresResource;
import dev.berth.testing.WebProfile;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people see of the queue. No worker runs here: jobs stand as the tests put them. */
@QuarkusTest
@TestProfile(WebProfile.class)
@QuarkusTestResource(PostgresResource.class)
class JobsTest {
    private static final AtomicInteger HOSTS = new AtomicInteger();

    @Inject
    Portal portal;

    @Inject
    Jobs jobs;

    @Inject
    Machines machines;

    @Inject
    DataSource database;

    private String tenant;
    private String host;

    @BeforeEach
    void make() {
        portal.make();
        tenant = portal.tenant(10);
        // A queue of the test's own.
        host = "queue-" + HOSTS.incrementAndGet();
    }

    private UUID job(String name, int dueSeconds) {
        String id = as(tenant + "-user")
                .body(ask(name))
                .post("/api/v1/tenants/{tenant}/requests", tenant)
                .then()
                .statusCode(201)
                .extract()
                .path("machineId");
        update("update machine set host_name = ? where id = ?", host, UUID.fromString(id));
        update(
                "update scheduled_tasks set task_name = ?, execution_time = now() + ? * interval '1 second'"
                        + " where task_instance = ?",
                "machine@" + host,
                dueSeconds,
                id);
        return UUID.fromString(id);
    }

    private void pick(UUID machine, String step) {
        update(
                "update scheduled_tasks set picked = true, picked_by = 'worker-7', last_heartbeat = now()"
                        + " where task_instance = ?",
                machine.toString());
        event(machine, step, "STARTED", 0, "");
    }

    /** @param seconds how long the step took */
    private void event(UUID machine, String step, String state, int seconds, String message) {
        update(
                "insert into machine_event (machine_id, generation, operation, step, state, started_at, finished_at, message)"
                        + " values (?, 1, 'CREATE', ?, ?, now() - ? * interval '1 second',"
                        + " case when ? = 'STARTED' then null else now() end, ?)",
                machine,
                step,
                state,
                seconds,
                state,
                message);
    }

    private Machine machine(UUID id) {
        return machines.get(Caller.system("test"), id);
    }

    @Test
    void aPlaceIsCountedWithinTheHostsQueue() {
        UUID later = job("later", 60);
        UUID third = job("third", -1);
        UUID first = job("first", -30);
        UUID second = job("second", -20);
        assertThat(jobs.place(machine(first))).hasValueSatisfying(place -> {
            assertThat(place.position()).isEqualTo(1);
            assertThat(place.waiting()).isEqualTo(3);
            assertThat(place.start()).as("no worker is at work").isEmpty();
        });
        assertThat(jobs.place(machine(third)).orElseThrow().position()).isEqualTo(3);
        assertThat(jobs.place(machine(later))).isEmpty();
        pick(first, "Create the disk");
        assertThat(jobs.place(machine(first))).isEmpty();
        assertThat(jobs.place(machine(second)).orElseThrow().position()).isEqualTo(1);
    }

    @Test
    void whenItIsATurnFollowsFromWhatWasMeasured() {
        for (int i = 0; i < 3; i++) {
            UUID done = job("done-" + i, 1_000);
            event(done, "Create the disk", "DONE", 6, "");
            event(done, "Start the machine", "DONE", 4, "");
            // Keeps no worker busy.
            event(done, "Wait for the guest's address", "DONE", 500, "10.0.0.1");
        }
        pick(job("busy-1", -60), "Create the disk");
        pick(job("busy-2", -60), "Create the disk");
        job("before", -20);
        UUID mine = job("mine", -10);
        Duration start = jobs.place(machine(mine)).orElseThrow().start().orElseThrow();
        assertThat(start).isBetween(Duration.ofSeconds(9), Duration.ofSeconds(11));
        as("admin")
                .get("/api/v1/jobs?state=waiting&host=" + host)
                .then()
                .body("items.name", contains("before", "mine"));
    }

    @Test
    void anAdminSeesWhatEachJobWaitsFor() {
        UUID running = job("running", -50);
        pick(running, "Define the machine");
        job("waiting", -40);
        UUID retry = job("retry", 300);
        event(retry, "Prepare the network", "DONE", 1, "");
        event(retry, "Create the disk", "FAILED", 1, "The pool is full.");
        update("update machine set attempt = 2 where id = ?", retry);
        as("admin")
                .get("/api/v1/jobs?host=" + host)
                .then()
                .statusCode(200)
                .body("items.name", contains("running", "waiting", "retry"))
                .body("items.state", contains("RUNNING", "WAITING", "SCHEDULED"))
                .body("items.tenant", contains(tenant, tenant, tenant))
                .body("items.operation", contains("CREATE", "CREATE", "CREATE"))
                .body("items[0].step", equalTo("Define the machine"))
                .body("items[0].pickedBy", equalTo("worker-7"))
                .body("items[0].lastError", equalTo(""))
                .body("items[1].step", nullValue())
                .body("items[2].attempt", equalTo(2))
                .body("items[2].lastError", equalTo("The pool is full."));
        String next = as("admin")
                .get("/api/v1/jobs?limit=2&host=" + host)
                .then()
                .body("items.name", contains("running", "waiting"))
                .extract()
                .path("next");
        as("admin")
                .get("/api/v1/jobs?limit=2&host=" + host + "&cursor=" + next)
                .then()
                .body("items.name", contains("retry"))
                .body("next", nullValue());
        as("admin").get("/api/v1/jobs?state=nonsense").then().statusCode(400);
    }

    @Test
    void aJobThatWaitsForItsTimeCanBeHurried() {
        UUID retry = job("retry", 300);
        update("update machine set attempt = 2 where id = ?", retry);
        as("admin")
                .post("/api/v1/jobs/{machine}/run", retry)
                .then()
                .statusCode(202)
                .body("state", equalTo("WAITING"))
                .body("attempt", equalTo(2));
        as("admin")
                .post("/api/v1/jobs/{machine}/run", retry)
                .then()
                .statusCode(409)
                .body("code", equalTo("wrong-state"))
                .body("detail", containsString("waits for a worker"));
        pick(retry, "Create the disk");
        as("admin").post("/api/v1/jobs/{machine}/run", retry).then().statusCode(409);
        as("admin").post("/api/v1/jobs/{machine}/run", UUID.randomUUID()).then().statusCode(404);
        as("admin")
                .get("/api/v1/audit?action=job.&subject=" + retry)
                .then()
                .body("items.action", contains("job.run-now"));
    }

    private void update(String sql, Object... parameters) {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            statement.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
