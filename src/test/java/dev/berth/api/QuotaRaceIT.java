package dev.berth.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.Api;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.Parallel;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Two hundred takes at once of two web processes over one PostgreSQL, through each way that there is: no more than the
 * limit, no less, and the ledger exact; also when one of the processes is killed in the middle.
 */
@Tag("long")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class QuotaRaceIT {
    private static final int TAKES = 200;
    private static final int MACHINES = 40;
    private static final Path DIRECTORY =
            Path.of("/var/tmp/berth-test-race-" + ProcessHandle.current().pid());

    private static EmbeddedPostgres postgres;
    private static List<BerthProcess> webs;
    private static List<Api> alices;
    private static Api admin;

    @BeforeAll
    static void start() throws IOException {
        Files.createDirectories(DIRECTORY);
        Files.write(DIRECTORY.resolve("disk.raw"), new byte[1 << 20]);
        postgres = EmbeddedPostgres.builder()
                .setServerConfig("max_connections", "200")
                .start();
        // One after the other: the first one makes the tables and the demo's people.
        BerthProcess first = web("race-1").awaitReady();
        BerthProcess second = web("race-2").awaitReady();
        webs = List.of(first, second);
        alices = List.of(new Api(first.url(), "alice"), new Api(second.url(), "alice"));
        admin = new Api(first.url(), "admin");
        query(
                """
                insert into host (id, name, uri, state, seen_at, cpus, memory_mib, created_at, domain_type)
                values (gen_random_uuid(), 'paper', 'test:///default', 'ACTIVE', now(), 10000, 100000000, now(), 'qemu')
                returning 1""");
        fillCatalogue();
        // Each process has seen who alice is before all come at once.
        alices.forEach(alice -> alice.get("me").ok());
    }

    private static BerthProcess web(String name) {
        return BerthProcess.start(
                name,
                Map.of(
                        "QUARKUS_DATASOURCE_JDBC_URL", postgres.getJdbcUrl("postgres", "postgres"),
                        "QUARKUS_DATASOURCE_USERNAME", "postgres",
                        "QUARKUS_DATASOURCE_PASSWORD", "postgres",
                        "BERTH_ROLES", "web",
                        "BERTH_DEMO", "true",
                        "BERTH_LIBRARY_DIRECTORY", DIRECTORY.resolve("images").toString(),
                        "BERTH_LIBRARY_IMPORT_DIRECTORY", DIRECTORY.toString()));
    }

    private static void fillCatalogue() {
        admin.post("sizes", Map.of("slug", "race", "name", "Race", "vcpus", 1, "memoryMib", 128, "diskGib", 1))
                .ok();
        admin.post("sizes", Map.of("slug", "more", "name", "More", "vcpus", 1, "memoryMib", 256, "diskGib", 1))
                .ok();
        Map<String, Object> network = new HashMap<>(Map.of("slug", "race", "name", "Race", "description", ""));
        network.put("kind", "nat");
        network.put(
                "config",
                Map.of(
                        "cidr", "10.99.0.0/16",
                        "rangeStart", "10.99.1.1",
                        "rangeEnd", "10.99.4.250",
                        "forwardPorts", "21000-21499"));
        admin.post("network-profiles", network).ok();
        Map<String, Object> storage = new HashMap<>(Map.of("slug", "race", "name", "Race", "description", ""));
        storage.put("kind", "qcow2");
        storage.put("config", Map.of("path", DIRECTORY.resolve("disks").toString()));
        admin.post("storage-profiles", storage).ok();
        admin.post("images/import", Map.of("name", "race", "file", "disk.raw", "format", "raw", "description", ""))
                .ok();
        admin.post(
                        "templates",
                        Map.of(
                                "slug",
                                "race",
                                "name",
                                "Race",
                                "description",
                                "",
                                "policy",
                                Map.of("maxVcpus", 2, "maxMemoryMib", 1024, "maxDiskGib", 10, "maxLeaseHours", 48)))
                .ok();
        admin.post(
                        "templates/race/revisions",
                        Map.of(
                                "image",
                                "race",
                                "sizes",
                                List.of("race", "more"),
                                "networks",
                                List.of("race"),
                                "storage",
                                List.of("race"),
                                "notes",
                                ""))
                .ok();
        admin.post("templates/race/revisions/1/approve", Map.of()).ok();
    }

    @AfterAll
    static void stop() throws IOException {
        webs.forEach(web -> {
            if (web.handle().isAlive()) {
                web.close();
            }
        });
        postgres.close();
        try (var files = Files.walk(DIRECTORY)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    @Test
    @Order(1)
    void requests() {
        limits("machines = " + MACHINES + ", others plenty");
        List<Api.Answer> answers = race((alice, i) -> alice.post(
                "tenants/blue/requests",
                Map.of(
                        "template",
                        "race",
                        "size",
                        "race",
                        "name",
                        "m" + i,
                        "network",
                        "race",
                        "storage",
                        "race",
                        "leaseHours",
                        24)));

        passed(answers, 201, MACHINES, "quota-exceeded");
        exact();
        assertThat(used("machines")).isEqualTo(MACHINES);
        assertThat(used("vcpus")).isEqualTo(MACHINES);
        // As if a worker had made them and people had stopped them.
        query(
                """
                with made as (update disk set made = true returning 1)
                update machine set wanted = 'STOPPED', state = 'STOPPED', seen = 'STOPPED', settled = true,
                       provisioned_at = now() where (select count(*) from made) >= 0 returning 1""");
    }

    @Test
    @Order(2)
    void disks() {
        setLimit("disk_gib", used("disk_gib") + 30);
        List<String> machines = machines();
        passed(
                race((alice, i) -> alice.post(
                        "machines/" + machines.get(i % MACHINES) + "/disks",
                        Map.of("storage", "race", "sizeGib", 1, "name", "d" + i))),
                202,
                30,
                "quota-exceeded");
        exact();
        assertThat(Long.parseLong(
                        query("select count(*) from disk where target <> 'vda'").get(0)))
                .isEqualTo(30);
        setLimit("disk_gib", 10_000);
        query("update machine set state = 'STOPPED', settled = true returning 1");
        query("update disk set made = true, pending = false returning 1");
    }

    @Test
    @Order(3)
    void snapshots() {
        setLimit("snapshots", 15);
        List<String> machines = machines();
        // A machine takes one snapshot at a time, so others than the first are told to wait.
        List<Api.Answer> answers = race((alice, i) ->
                alice.post("machines/" + machines.get(i % MACHINES) + "/snapshots", Map.of("name", "s" + i)));
        assertThat(answers.stream().filter(answer -> answer.status() < 300)).hasSize(15);
        exact();
        assertThat(used("snapshots")).isEqualTo(15);
    }

    @Test
    @Order(4)
    void forwards() {
        setLimit("forwards", 25);
        List<String> machines = machines();
        passed(
                race((alice, i) -> alice.post(
                        "machines/" + machines.get(i % MACHINES) + "/forwards", Map.of("guestPort", 1000 + i))),
                201,
                25,
                "quota-exceeded");
        exact();
        assertThat(used("forwards")).isEqualTo(25);
    }

    @Test
    @Order(5)
    void resizes() {
        setLimit("memory_mib", used("memory_mib") + 12 * 128);
        List<String> machines = machines();
        // Five want the same machine larger; who asks for the size that it has by then gets a yes, and takes nothing.
        List<Api.Answer> answers = race((alice, i) -> alice.post(
                "machines/" + machines.get(i % MACHINES) + "/resize", Map.of("size", "more", "restart", false)));
        assertThat(answers.stream()
                        .filter(answer -> answer.status() == 202)
                        .map(answer -> answer.ok().get("id"))
                        .distinct())
                .hasSize(12);
        exact();
        assertThat(Long.parseLong(query("select count(*) from machine where memory_mib = 256")
                        .get(0)))
                .isEqualTo(12);
        setLimit("memory_mib", 1_000_000);
    }

    @Test
    @Order(6)
    void killedInTheMiddle() {
        setLimit("forwards", 25 + 150);
        List<String> machines = machines();
        AtomicInteger done = new AtomicInteger();
        Thread killer = new Thread(() -> {
            await().atMost(Duration.ofMinutes(2)).until(() -> done.get() >= 20);
            webs.get(1).kill();
        });
        killer.start();
        List<Integer> statuses = Parallel.run(TAKES, i -> {
            try {
                Api.Answer answer = alices.get(i % 2)
                        .post("machines/" + machines.get(i % MACHINES) + "/forwards", Map.of("guestPort", 2000 + i));
                done.incrementAndGet();
                return answer.status();
            } catch (RuntimeException e) {
                // The process died under it: what came of it is for the ledger to say.
                done.incrementAndGet();
                return 0;
            }
        });
        await().atMost(Duration.ofMinutes(1)).until(() -> !webs.get(1).handle().isAlive());
        // PostgreSQL ends the killed one's transactions by itself.
        await().atMost(Duration.ofMinutes(1)).untilAsserted(this::exact);
        long open = Long.parseLong(query("select count(*) from forward").get(0));
        assertThat(used("forwards")).isEqualTo(open);
        assertThat(open)
                .isBetween(
                        25 + statuses.stream().filter(status -> status == 201).count(), 25L + 150);

        // Whoever is left fills what room there is, and no more.
        long room = 25 + 150 - open;
        List<Api.Answer> more = Parallel.run(TAKES, i -> alices.get(0)
                .post("machines/" + machines.get(i % MACHINES) + "/forwards", Map.of("guestPort", 3000 + i)));
        passed(more, 201, (int) room, "quota-exceeded");
        exact();
    }

    private static List<Api.Answer> race(BiFunction<Api, Integer, Api.Answer> take) {
        return Parallel.run(TAKES, i -> take.apply(alices.get(i % 2), i));
    }

    private static void passed(List<Api.Answer> answers, int status, int count, String code) {
        assertThat(answers.stream().filter(answer -> answer.status() == status)).hasSize(count);
        assertThat(answers.stream().filter(answer -> answer.status() != status)).allSatisfy(answer -> {
            assertThat(answer.status()).as("%s", answer.body()).isEqualTo(409);
            assertThat(answer.body().path("code").asText()).isEqualTo(code);
        });
    }

    /** Counts, ledger and what there is all agree. */
    private void exact() {
        List<String> differences = new ArrayList<>();
        admin.get("ledger?limit=100").ok().get("items").forEach(one -> differences.add(one.toString()));
        assertThat(differences).isEmpty();
    }

    private static void limits(String why) {
        Map<String, Integer> limits = new HashMap<>(Map.of("vcpus", 10_000, "memory_mib", 10_000_000));
        limits.putAll(Map.of("machines", MACHINES, "disk_gib", 10_000, "forwards", 100, "snapshots", 100));
        assertThat(put("tenants/blue/quota", Map.of("limits", limits))).as(why).isEqualTo(200);
    }

    private static void setLimit(String resource, long limit) {
        assertThat(put("tenants/blue/quota", Map.of("limits", Map.of(resource, limit))))
                .isEqualTo(200);
    }

    private static int put(String path, Object body) {
        return admin.put(path, body).status();
    }

    private static long used(String resource) {
        return Long.parseLong(
                query("select used from quota q join tenant t on t.id = q.tenant_id where t.slug = 'blue' and"
                                + " resource = '"
                                + resource + "'")
                        .get(0));
    }

    private static List<String> machines() {
        return query("select id from machine where gone_at is null order by id");
    }

    private static List<String> query(String sql) {
        try (var connection = postgres.getPostgresDatabase().getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
