package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.hypervisor.HostCommand.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostCommandTest {
    @TempDir
    private Path directory;

    @Test
    void tellsHowAProgramEnded() {
        Result result =
                HostCommand.of("sh", "-c", "echo out; echo err >&2; exit 3").run();

        assertThat(result).isEqualTo(new Result(3, "out\n", "err\n", false));
        assertThat(result.succeeded()).isFalse();
    }

    @Test
    void hasNoShellInBetween() {
        assertThat(HostCommand.of("echo", "$(id);`id`|id", "*").run().output()).isEqualTo("$(id);`id`|id *\n");
    }

    @Test
    void killsWhatTakesTooLong() {
        Instant before = Instant.now();
        Result result = HostCommand.of("sh", "-c", "sleep 60 & sleep 60")
                .timeout(Duration.ofMillis(200))
                .run();

        assertThat(result.timedOut()).isTrue();
        assertThat(result.succeeded()).isFalse();
        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void keepsNoEndlessOutput() {
        Result result = HostCommand.of("head", "-c", "10000000", "/dev/zero").run();

        assertThat(result.succeeded()).isTrue();
        assertThat(result.output()).hasSize(256 * 1024);
    }

    @Test
    void holdsAProgramToItsLimits() {
        Result memory = HostCommand.of("sh", "-c", "head -c 900000000 /dev/zero | tail | wc -c; ulimit -v")
                .limited(300L << 20, Duration.ofSeconds(5))
                .run();
        assertThat(memory.output()).endsWith("307200\n").doesNotContain("900000000");

        Path file = directory.resolve("written");
        Result writing = HostCommand.of("sh", "-c", "echo x > " + file)
                .limited(300L << 20, Duration.ofSeconds(5))
                .run();
        assertThat(writing.succeeded()).isFalse();
        assertThat(file).satisfies(path -> assertThat(Files.size(path)).isZero());

        Result time = HostCommand.of("sh", "-c", "while :; do :; done")
                .limited(300L << 20, Duration.ofSeconds(1))
                .run();
        assertThat(time.succeeded()).isFalse();
        assertThat(time.timedOut()).isFalse();
    }

    @Test
    void saysWhatIsNotInstalled() {
        assertThatThrownBy(() -> HostCommand.of("berth-no-such-program").run())
                .isInstanceOfSatisfying(HypervisorException.class, failure -> assertThat(failure.reason())
                        .isEqualTo(HypervisorException.Reason.MISSING))
                .hasMessageContaining("install");
    }
}
