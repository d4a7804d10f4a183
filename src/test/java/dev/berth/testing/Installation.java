package dev.berth.testing;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * A whole installation for one test: a PostgreSQL, a web process, and workers as the test wants them, each a process
 * of its own; the demo's people, and a template of the test guest on a network and a storage of this run's own.
 */
public final class Installation implements AutoCloseable {
    private static final String SECRET = "a-secret-of-the-tests-that-is-long-enough";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final String tag =
            "t" + Integer.toHexString(ThreadLocalRandom.current().nextInt(0x1000, 0xffff));
    private final Path directory = Path.of("/var/tmp/berth-it-" + tag);
    private final EmbeddedPostgres postgres;
    private final BerthProcess web;
    private final List<BerthProcess> workers = new ArrayList<>();
    private final Api admin;
    private final Api alice;

    private Installation(Map<String, String> webSettings) throws IOException {
        postgres = EmbeddedPostgres.builder()
                .setServerConfig("max_connections", "200")
                .start();
        Map<String, String> settings = settings();
        settings.put("BERTH_ROLES", "web");
        settings.put("BERTH_DEMO", "true");
        settings.putAll(webSettings);
        web = BerthProcess.start("web", settings).awaitReady();
        admin = new Api(web.url(), "admin");
        alice = new Api(web.url(), "alice");
        fillCatalogue();
    }

    /** Web and worker are processes of their own; workers are started by {@link #worker}. */
    public static Installation start() throws IOException {
        return new Installation(Map.of());
    }

    /** @param webSettings that web processes have beside those of all: see {@link #web(Map)} */
    public static Installation start(Map<String, String> webSettings) throws IOException {
        return new Installation(webSettings);
    }

    /** One process does both. */
    public static Installation startWhole() throws IOException {
        return new Installation(Map.of("BERTH_ROLES", "web,worker"));
    }

    private Map<String, String> settings() {
        return new HashMap<>(Map.of(
                "QUARKUS_DATASOURCE_JDBC_URL",
                postgres.getJdbcUrl("postgres", "postgres"),
                "QUARKUS_DATASOURCE_USERNAME",
                "postgres",
                "QUARKUS_DATASOURCE_PASSWORD",
                "postgres",
                "BERTH_WORKER_SECRET",
                SECRET,
                "BERTH_WORKER_DIRECTORY",
                directory.resolve("worker").toString(),
                "BERTH_LIBRARY_DIRECTORY",
                directory.resolve("images").toString(),
                "BERTH_LIBRARY_IMPORT_DIRECTORY",
                World.GUEST.getParent().toString(),
                "BERTH_PROVISIONING_HEARTBEAT",
                "500ms",
                "BERTH_PROVISIONING_SWEEP_INTERVAL",
                "1s"));
    }

    private void fillCatalogue() {
        String subnet = "10." + ThreadLocalRandom.current().nextInt(100, 200) + "."
                + ThreadLocalRandom.current().nextInt(256);
        int ports = ThreadLocalRandom.current().nextInt(20_000, 30_000);
        admin.post("sizes", Map.of("slug", tag, "name", "Test", "vcpus", 1, "memoryMib", 96, "diskGib", 1))
                .ok();
        admin.post(
                        "network-profiles",
                        Map.of(
                                "slug",
                                tag,
                                "name",
                                "Test network",
                                "description",
                                "",
                                "kind",
                                "nat",
                                "config",
                                Map.of(
                                        "cidr", subnet + ".0/24",
                                        "rangeStart", subnet + ".10",
                                        "rangeEnd", subnet + ".200",
                                        "forwardPorts", ports + "-" + (ports + 99))))
                .ok();
        admin.post(
                        "storage-profiles",
                        Map.of(
                                "slug",
                                tag,
                                "name",
                                "Test storage",
                                "description",
                                "",
                                "kind",
                                "qcow2",
                                "config",
                                Map.of("path", directory.resolve("disks").toString())))
                .ok();
        admin.post(
                        "images/import",
                        Map.of(
                                "name",
                                tag,
                                "file",
                                World.GUEST.getFileName().toString(),
                                "format",
                                "qcow2",
                                "description",
                                ""))
                .ok();
        admin.post(
                        "templates",
                        Map.of(
                                "slug",
                                tag,
                                "name",
                                "Test Linux",
                                "description",
                                "A small guest",
                                "policy",
                                Map.of(
                                        "maxVcpus", 2,
                                        "maxMemoryMib", 1024,
                                        "maxDiskGib", 10,
                                        "maxLeaseHours", 48)))
                .ok();
        admin.post(
                        "templates/" + tag + "/revisions",
                        Map.of(
                                "image",
                                tag,
                                "sizes",
                                List.of(tag),
                                "networks",
                                List.of(tag),
                                "storage",
                                List.of(tag),
                                "notes",
                                ""))
                .ok();
        admin.post("templates/" + tag + "/revisions/1/approve", Map.of()).ok();
    }

    /** Starts a worker and does not wait for it. @param holdAfter the step after which it freezes, or empty */
    public BerthProcess worker(String holdAfter) {
        return worker(holdAfter, Map.of());
    }

    /** @param more settings that this worker alone has */
    public BerthProcess worker(String holdAfter, Map<String, String> more) {
        Map<String, String> settings = settings();
        settings.put("BERTH_ROLES", "worker");
        settings.putAll(more);
        if (!holdAfter.isEmpty()) {
            settings.put("QUARKUS_PROFILE", "prod,fault");
            settings.put("BERTH_PROVISIONING_HOLD_AFTER", holdAfter);
        }
        BerthProcess worker = BerthProcess.start("worker", settings);
        workers.add(worker);
        return worker;
    }

    /** Another web process, when it is ready. @param more settings that it has beside those of all */
    public BerthProcess web(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(Map.of("BERTH_ROLES", "web", "BERTH_DEMO", "true"));
        settings.putAll(more);
        return worker("", settings).awaitReady();
    }

    /** Requests a machine as alice; it passes by itself. Needs a host: see {@link #awaitHost}. */
    public JsonNode request(String name) {
        return alice.post(
                        "tenants/blue/requests",
                        Map.of(
                                "template",
                                tag,
                                "size",
                                tag,
                                "name",
                                name,
                                "network",
                                tag,
                                "storage",
                                tag,
                                "sshKeys",
                                List.of(),
                                "userData",
                                "",
                                "leaseHours",
                                24,
                                "reason",
                                "test"))
                .ok();
    }

    /** Waits until the machine has this state, in the API's words. */
    public JsonNode await(String machine, String state) {
        return org.awaitility.Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> alice.get("machines/" + machine).ok(),
                        found -> found.get("state").asText().equals(state));
    }

    /** Waits until a host takes machines. */
    public void awaitHost() {
        org.awaitility.Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> count("select count(*) from host where problem = '' and seen_at is not null") > 0);
    }

    /** What tenant blue holds, from the ledger: {@code resource=amount}. */
    public List<String> ledger() {
        return query(
                "select h.resource || '=' || sum(h.amount) from quota_hold h where h.resource not like '%:%' group by"
                        + " h.resource order by 1");
    }

    /** Where the ledger and the counters differ. */
    public List<String> drift() {
        return query(
                """
                select q.resource from quota q left join quota_hold h using (tenant_id, resource)
                 group by q.tenant_id, q.resource, q.used having q.used <> coalesce(sum(h.amount), 0)""");
    }

    public long jobs() {
        return count("select count(*) from scheduled_tasks");
    }

    private long count(String sql) {
        return Long.parseLong(query(sql).get(0));
    }

    public List<String> query(String sql) {
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

    /** Everything on disk that belongs to this installation. */
    public Stream<String> files() throws IOException {
        try (var files = Files.walk(directory)) {
            return files.filter(file -> !Files.isDirectory(file)).map(Path::toString).toList().stream();
        }
    }

    public Api admin() {
        return admin;
    }

    public Api alice() {
        return alice;
    }

    public BerthProcess web() {
        return web;
    }

    public String tag() {
        return tag;
    }

    /** libvirt's name of the network and of the pool. */
    public String network() {
        return "berth-" + tag;
    }

    @Override
    public void close() throws IOException {
        // Those that a failed test has left.
        workers.stream().filter(worker -> worker.handle().isAlive()).forEach(BerthProcess::kill);
        web.close();
        for (String domain : query("select id::text from machine where gone_at is null")) {
            Virsh.attempt("destroy", domain);
            Virsh.attempt("undefine", domain);
        }
        String installation = installationId();
        postgres.close();
        removeRules(installation);
        Virsh.attempt("net-destroy", network());
        Virsh.attempt("net-undefine", network());
        Virsh.attempt("pool-destroy", network());
        Virsh.attempt("pool-undefine", network());
        try (var files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }

    private void removeRules(String installation) {
        Nft.remove(Nft.ofInstallation(installation));
        try {
            Nft.remove(Nft.ofNetwork(network()));
        } catch (IllegalStateException e) {
            // The network was never made.
        }
    }

    public String installationId() {
        return query("select id::text from installation").get(0);
    }
}
