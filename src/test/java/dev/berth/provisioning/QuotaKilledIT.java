package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.berth.testing.Api;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.HoldingServers;
import dev.berth.testing.Installation;
import dev.berth.testing.Parallel;
import dev.berth.testing.Virsh;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * SIGKILL in the middle of making a machine larger and smaller, of changing a member's share while things are taken from
 * it, and of sending mail and calling webhooks.
 */
@Tag("fault")
@Tag("long")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class QuotaKilledIT {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int NOTICES = 6;

    private static HoldingServers servers;
    private static Map<String, String> sending;
    private static Installation berth;
    private static String machine;

    @BeforeAll
    static void start() throws IOException {
        servers = new HoldingServers();
        sending = Map.of(
                "BERTH_MAIL_HOST", "127.0.0.1",
                "BERTH_MAIL_PORT", Integer.toString(servers.mailPort()),
                "BERTH_MAIL_FROM", "berth@example.org",
                "BERTH_MAIL_START_TLS", "DISABLED",
                "BERTH_NOTICES_POLL_INTERVAL", "200ms",
                "BERTH_NOTICES_WEBHOOK_SCHEMES", "http,https",
                "BERTH_NOTICES_WEBHOOK_NETWORKS", "127.0.0.0/8");
        berth = Installation.start(sending);
    }

    @AfterAll
    static void stop() throws IOException {
        try (HoldingServers last = servers) {
            last.letGo();
            berth.close();
        }
    }

    @Test
    @Order(1)
    void aResizeSurvivesItsWorkers() {
        berth.admin()
                .post("sizes", Map.of("slug", more(), "name", "More", "vcpus", 1, "memoryMib", 128, "diskGib", 1))
                .ok();
        berth.admin()
                .post(
                        "templates/" + berth.tag() + "/revisions",
                        Map.of(
                                "image",
                                berth.tag(),
                                "sizes",
                                List.of(berth.tag(), more()),
                                "networks",
                                List.of(berth.tag()),
                                "storage",
                                List.of(berth.tag()),
                                "notes",
                                ""))
                .ok();
        berth.admin()
                .post("templates/" + berth.tag() + "/revisions/2/approve", Map.of())
                .ok();
        try (BerthProcess worker = berth.worker("")) {
            berth.awaitHost();
            machine = berth.request("resized").get("machineId").asText();
            // The guest is up, so that it hears the power button.
            await().atMost(PATIENCE).until(() -> !machine().get("address").isNull());
            await().atMost(PATIENCE).until(() -> berth.jobs() == 0);
        }

        resize(more(), false);
        assertThat(berth.ledger()).as("taken at once").contains("memory_mib=128");
        die("SIZE_DEFINE");
        settle();
        assertThat(Virsh.run("dumpxml", machine)).contains(kib(96));
        assertThat(Virsh.run("dumpxml", "--inactive", machine)).contains(kib(128));

        resize(berth.tag(), true);
        die("DEFINE");
        assertThat(Virsh.run("domstate", machine)).isEqualTo("shut off");
        assertThat(berth.ledger()).as("not yet given back").contains("memory_mib=128");
        die("START");
        String run = Virsh.run("domid", machine);
        settle();
        assertThat(Virsh.run("domid", machine)).as("switched off and on once").isEqualTo(run);
        assertThat(Virsh.run("dumpxml", machine)).contains(kib(96));
        assertThat(berth.ledger()).contains("memory_mib=96", "machines=1");
        exact(berth.admin());
    }

    private static void resize(String size, boolean restart) {
        berth.alice()
                .post("machines/" + machine + "/resize", Map.of("size", size, "restart", restart))
                .ok();
    }

    @Test
    @Order(2)
    void sharesAndWhatIsTakenFromThemSurviveAWebProcess() throws InterruptedException {
        berth.admin()
                .put("tenants/blue/quota", Map.of("limits", Map.of("forwards", 90)))
                .ok();
        BerthProcess other = berth.web(sending);
        Api admin = new Api(other.url(), "admin");
        Api alice = new Api(other.url(), "alice");
        alice.get("me").ok();
        AtomicInteger share = new AtomicInteger();
        AtomicInteger taken = new AtomicInteger();
        Thread killer = new Thread(() -> {
            await().atMost(PATIENCE).until(() -> share.get() >= 3 && taken.get() >= 3);
            other.kill();
        });
        killer.start();
        Parallel.run(4, thread -> {
            try {
                for (int i = 1; i <= 500; i++) {
                    if (thread == 0) {
                        share(admin, i);
                        share.set(i);
                    } else if (open(alice, 1_000 * thread + i).status() == 201) {
                        taken.incrementAndGet();
                    }
                }
            } catch (RuntimeException e) {
                // The process died under it: what came of it is for the database to say.
            }
            return null;
        });
        killer.join();
        // PostgreSQL ends the killed one's transactions by itself.
        await().atMost(PATIENCE).until(() -> berth.query(
                        "select 1 from pg_stat_activity where state like 'idle in transaction%' or state ="
                                + " 'active' and pid <> pg_backend_pid()")
                .isEmpty());

        exact(berth.admin());
        long now = number("select share from quota_share where resource = 'forwards'");
        long told = number("select count(*) from audit_event where action = 'quota.share'");
        assertThat(now).as("what was said to be done is").isBetween((long) share.get(), share.get() + 1L);
        assertThat(told).as("each with its row in the audit").isEqualTo(now);
        long ports = number("select count(*) from forward");
        assertThat(ports).isBetween((long) taken.get(), taken.get() + 3L).isLessThanOrEqualTo(now);
        assertThat(number("select used from quota where resource = 'forwards' and used > 0"))
                .isEqualTo(ports);

        share(berth.admin(), (int) ports + 2);
        List<Integer> statuses =
                Parallel.run(8, i -> open(berth.alice(), 5_000 + i).status());
        assertThat(statuses.stream().filter(status -> status == 201)).hasSize(2);
        exact(berth.admin());
    }

    private static void share(Api admin, int share) {
        admin.put("tenants/blue/shares/alice", Map.of("shares", Map.of("forwards", share)))
                .ok();
    }

    private static Api.Answer open(Api alice, int port) {
        return alice.post("machines/" + machine + "/forwards", Map.of("guestPort", port));
    }

    /** At least once: what was in somebody's hands may come again, under the same id, and nothing else does. */
    @Test
    @Order(3)
    void mailAndWebhooksSurviveTheirSender() {
        berth.admin()
                .put("users/alice/email", Map.of("email", "alice@example.org"))
                .ok();
        berth.query("update app_user set confirmed_email = email where email <> '' returning 1");
        berth.admin()
                .post(
                        "tenants/blue/webhooks",
                        Map.of("name", "Hook", "url", servers.hook(), "topics", List.of("DECISION")))
                .ok();
        servers.holdFrom(3);
        for (int i = 1; i <= NOTICES; i++) {
            String request = berth.alice()
                    .post(
                            "tenants/blue/quota/requests",
                            Map.of("resource", "machines", "profile", "", "more", i, "reason", "test"))
                    .ok()
                    .get("id")
                    .asText();
            berth.admin()
                    .post("requests/" + request + "/deny", Map.of("reason", "No."))
                    .ok();
        }
        await().atMost(PATIENCE)
                .until(() -> servers.mails().size() == 3 && servers.calls().size() == 3);
        List<String> before = deliveries("SENT");
        berth.web().kill();
        assertThat(servers.mails()).hasSize(3);
        assertThat(servers.calls()).hasSize(3);
        assertThat(before).as("two of each were taken").hasSize(4);
        servers.letGo();

        try (BerthProcess web = berth.web(sending)) {
            await().atMost(PATIENCE).until(() -> deliveries("SENT").size() == 2 * NOTICES);
            assertThat(deliveries("WAITING")).isEmpty();
            assertThat(deliveries("FAILED")).isEmpty();
            cameOnceButForTheThird(servers.mails());
            cameOnceButForTheThird(servers.calls());
            Api admin = new Api(web.url(), "admin");
            exact(admin);
            try (BerthProcess worker = berth.worker("")) {
                admin.delete("machines/" + machine).ok();
                await().atMost(PATIENCE).until(() -> admin.get("machines/" + machine)
                        .ok()
                        .get("state")
                        .asText()
                        .equals("GONE"));
            }
        }
    }

    private static void cameOnceButForTheThird(List<String> ids) {
        assertThat(ids).hasSize(NOTICES + 1);
        assertThat(new HashSet<>(ids)).hasSize(NOTICES);
        assertThat(Collections.frequency(ids, ids.get(2))).isEqualTo(2);
    }

    private static List<String> deliveries(String state) {
        return berth.query("select id from delivery where state = '" + state + "'");
    }

    private static JsonNode machine() {
        return berth.alice().get("machines/" + machine).ok();
    }

    private static String more() {
        return berth.tag() + "-more";
    }

    private static String kib(int mib) {
        return "<memory unit='KiB'>" + mib * 1024 + "</memory>";
    }

    private static void die(String step) {
        BerthProcess worker = berth.worker(step);
        worker.awaitLog("HOLD after " + step);
        worker.kill();
        assertThat(berth.drift()).isEmpty();
    }

    private static void settle() {
        try (BerthProcess worker = berth.worker("")) {
            await().atMost(PATIENCE).until(() -> berth.jobs() == 0);
            assertThat(machine().get("state").asText()).isEqualTo("RUNNING");
        }
    }

    private static long number(String sql) {
        return Long.parseLong(berth.query(sql).get(0));
    }

    private static void exact(Api admin) {
        assertThat(berth.drift()).isEmpty();
        assertThat(admin.get("ledger?limit=100").ok().get("items").toString()).isEqualTo("[]");
    }
}
