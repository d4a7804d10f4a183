package dev.berth.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged program in a process of its own, so that it can be killed. */
public final class BerthProcess implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);

    private final Process process;
    private final Path log;
    private final int port;

    private BerthProcess(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /** @param environment Berth's settings, as environment variables */
    public static BerthProcess start(String name, Map<String, String> environment) {
        try {
            int port = FreePort.choose();
            Path log = Files.createDirectories(Path.of("target/processes"))
                    .resolve(name + "-" + System.nanoTime() + ".log");
            Map<String, String> all = new HashMap<>(environment);
            all.put("QUARKUS_HTTP_PORT", Integer.toString(port));
            all.put("BERTH_WORKER_URL", "http://localhost:" + port);
            // Tests call as fast as they can; a test of the limits sets them.
            all.putIfAbsent("BERTH_RATE_LIMIT_PER_MINUTE", "0");
            all.putIfAbsent("BERTH_RATE_LIMIT_ANONYMOUS_PER_MINUTE", "0");
            ProcessBuilder builder = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx512m",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-jar",
                    System.getProperty("test.program", "target/quarkus-app/quarkus-run.jar"));
            builder.environment().putAll(all);
            builder.redirectErrorStream(true).redirectOutput(log.toFile());
            return new BerthProcess(builder.start(), log, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI url() {
        return URI.create("http://localhost:" + port);
    }

    /** Waits until it answers that it is ready. */
    public BerthProcess awaitReady() {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest ready = HttpRequest.newBuilder(url().resolve("/q/health/ready"))
                .timeout(Duration.ofSeconds(5))
                .build();
        await().atMost(START).pollInterval(Duration.ofMillis(200)).until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("It ended: " + log());
            }
            try {
                return client.send(ready, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200;
            } catch (IOException e) {
                return false;
            }
        });
        return this;
    }

    /** Waits until its log has this text. */
    public BerthProcess awaitLog(String text) {
        await().atMost(START).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("It ended: " + log());
            }
            assertThat(log()).contains(text);
        });
        return this;
    }

    public String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** SIGKILL: no shutdown hook runs, nothing is said to anybody. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** SIGTERM, and waits for the end. */
    @Override
    public void close() {
        process.destroy();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("It did not stop within a minute: " + log());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
