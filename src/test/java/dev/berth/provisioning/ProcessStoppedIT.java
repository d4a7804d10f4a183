package dev.berth.provisioning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.console.ConsoleClient;
import dev.berth.testing.BerthProcess;
import dev.berth.testing.Installation;
import dev.berth.testing.Virsh;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * SIGTERM, as systemd and Kubernetes send it. A worker finishes the step at hand and hands its job on; a web process
 * tells open consoles and ends event streams.
 */
@Tag("fault")
class ProcessStoppedIT {
    /** Four missed ones are two minutes: whoever waits for those does not pass. */
    private static final Map<String, String> SELDOM_BEATING = Map.of("BERTH_PROVISIONING_HEARTBEAT", "30s");

    private static final Duration GOOD_TIME = Duration.ofSeconds(15);
    private static final Duration AT_ONCE = Duration.ofSeconds(60);

    @Test
    void aStopLosesNothing() throws Exception {
        try (Installation berth = Installation.start()) {
            BerthProcess first = berth.worker(Step.DISK.name(), SELDOM_BEATING);
            berth.awaitHost();
            String machine = berth.request("stopped").get("machineId").asText();
            first.awaitLog("HOLD after " + Step.DISK.name());
            assertThat(stop(first)).isLessThan(GOOD_TIME);
            assertThat(berth.query("select step from machine_event where state = 'DONE' order by id"))
                    .containsExactly(Step.NETWORK.label(), Step.ADDRESS.label(), Step.DISK.label());
            assertThat(berth.query("select step from machine_event where state <> 'DONE'"))
                    .isEmpty();
            assertThat(berth.query("select picked::text from scheduled_tasks")).containsExactly("false");

            try (BerthProcess second = berth.worker("", SELDOM_BEATING).awaitReady()) {
                Instant ready = Instant.now();
                berth.await(machine, "RUNNING");
                assertThat(Duration.between(ready, Instant.now())).isLessThan(AT_ONCE);
                assertThat(Virsh.domains().stream().filter(machine::equals)).hasSize(1);
                assertThat(berth.files().filter(file -> file.contains(machine)))
                        .as("one disk, one seed, one console socket")
                        .hasSize(3);
                assertThat(berth.query("select distinct attempt::text from machine_event"))
                        .containsExactly("1");
                assertThat(berth.ledger()).isEqualTo(List.of("disk_gib=1", "machines=1", "memory_mib=96", "vcpus=1"));
                assertThat(berth.drift()).isEmpty();

                tellsItsPeople(berth, machine);
            }
        }
    }

    private static void tellsItsPeople(Installation berth, String machine) throws Exception {
        URI portal = berth.web().url();
        String url = berth.alice()
                .post("machines/" + machine + "/console", Map.of())
                .ok()
                .get("url")
                .asText();
        try (ConsoleClient console = ConsoleClient.open(portal, url)) {
            assertThat(new String(console.take(12), StandardCharsets.US_ASCII)).startsWith("RFB ");
            CompletableFuture<Long> stream = listen(portal);
            assertThat(stop(berth.web())).isLessThan(GOOD_TIME);
            assertThat(console.ending().code()).isEqualTo(4011);
            // Completes normally: the stream was ended, not broken off.
            assertThat(stream.get(5, TimeUnit.SECONDS)).isNotNull();
        }
    }

    /** Alice's open page: its event stream, until it ends. */
    private static CompletableFuture<Long> listen(URI portal) throws IOException, InterruptedException {
        HttpClient browser =
                HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
        browser.send(
                HttpRequest.newBuilder(portal.resolve("/login"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString("username=alice&password=berth"))
                        .build(),
                HttpResponse.BodyHandlers.discarding());
        HttpResponse<Stream<String>> events = browser.send(
                HttpRequest.newBuilder(portal.resolve("/t/blue/live"))
                        .header("Accept", "text/event-stream")
                        .build(),
                HttpResponse.BodyHandlers.ofLines());
        assertThat(events.statusCode()).isEqualTo(200);
        return CompletableFuture.supplyAsync(() -> events.body().count());
    }

    private static Duration stop(BerthProcess process) {
        long begin = System.nanoTime();
        process.close();
        return Duration.ofNanos(System.nanoTime() - begin);
    }
}
