package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.hypervisor.HypervisorException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A libvirtd that dies, hangs and comes back, played by a proxy before the real one. */
@Tag("hypervisor")
class ConnectionLossTest {
    private static final UUID NOBODY = UUID.randomUUID();

    private Path directory;
    private LibvirtProxy proxy;
    private LiveHost host;

    @BeforeEach
    void connect() throws IOException {
        directory = Files.createTempDirectory("berth-proxy-");
        proxy = new LibvirtProxy(directory.resolve("s"));
        host = new LiveHost(proxy.uri(), Acceleration.QEMU, Duration.ofSeconds(2));
    }

    @AfterEach
    void disconnect() throws IOException {
        try {
            host.close();
        } finally {
            proxy.close();
            Files.deleteIfExists(directory);
        }
    }

    @Test
    void comesBackAfterLibvirtdDied() throws IOException {
        assertThat(host.hypervisor.state(NOBODY)).isEmpty();
        proxy.die();
        await().until(() -> !problem().isEmpty());
        assertThat(problem()).contains(LiveHost.NAME).doesNotContain("/", "socket");
        assertThatThrownBy(() -> host.hypervisor.state(NOBODY)).satisfies(ConnectionLossTest::isUnreachable);
        assertThatThrownBy(() -> host.hypervisors.get(LiveHost.NAME)).satisfies(ConnectionLossTest::isUnreachable);

        proxy.listen();
        await().atMost(Duration.ofSeconds(15)).until(() -> problem().isEmpty());

        assertThat(host.hypervisor.state(NOBODY)).isEmpty();
        assertThat(host.connections)
                .containsSubsequence(
                        new HostConnectionChanged(LiveHost.NAME, true),
                        new HostConnectionChanged(LiveHost.NAME, false),
                        new HostConnectionChanged(LiveHost.NAME, true));
    }

    @Test
    void seesEventsAgainAfterTheLoss() throws IOException {
        proxy.die();
        await().until(() -> !problem().isEmpty());
        proxy.listen();
        await().atMost(Duration.ofSeconds(15)).until(() -> problem().isEmpty());

        DomainSpec machine = host.machine("web-1", 10, null);
        host.prepare(machine);
        await().until(() -> host.events.contains(new DomainChanged(LiveHost.NAME, machine.machineId())));
        host.remove(machine);
    }

    @Test
    void holdsNobodyUpWhileLibvirtdHangs() throws Exception {
        proxy.hang(true);
        ExecutorService callers = Executors.newFixedThreadPool(12);
        Instant before = Instant.now();
        try {
            List<Future<Throwable>> failures = java.util.stream.IntStream.range(0, 12)
                    .mapToObj(caller -> callers.submit(this::failure))
                    .toList();
            for (Future<Throwable> failure : failures) {
                isUnreachable(failure.get(20, TimeUnit.SECONDS));
            }
        } finally {
            callers.shutdown();
        }
        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(6));

        // Keepalive takes the line for dead; until libvirtd goes on, no new one opens either.
        await().atMost(Duration.ofSeconds(25)).until(() -> !problem().isEmpty());
        proxy.hang(false);
        await().atMost(Duration.ofSeconds(30)).until(() -> problem().isEmpty());
        assertThat(host.hypervisor.state(NOBODY)).isEmpty();
    }

    private Throwable failure() {
        try {
            host.hypervisor.state(NOBODY);
            return null;
        } catch (HypervisorException e) {
            return e;
        }
    }

    private static void isUnreachable(Throwable failure) {
        assertThat(failure).isInstanceOf(HypervisorException.class);
        assertThat(((HypervisorException) failure).reason()).isEqualTo(Reason.UNREACHABLE);
    }

    private String problem() {
        return host.hypervisors.problems().get(LiveHost.NAME);
    }
}
