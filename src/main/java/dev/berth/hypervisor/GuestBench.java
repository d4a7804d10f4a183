package dev.berth.hypervisor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.hypervisor.HypervisorException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How fast a machine's system disk is inside its guest: QEMU's guest agent runs dd(1) there, past the guest's own cache. It
 * writes one file, which goes again. What comes back is the guest's word, so nothing but two plausible rates is taken of it.
 */
final class GuestBench {
    private static final int MEBIBYTES = 64;
    private static final int PIECE = 8;
    private static final long BYTES = (long) MEBIBYTES << 20;
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final Duration AGENT_PATIENCE = Duration.ofMinutes(1);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
    private static final int MOST_OUTPUT = 1000;
    private static final ObjectMapper JSON = new ObjectMapper();
    /** When writing began and ended, and reading, in seconds since the guest's start. */
    private static final Pattern TIMES = Pattern.compile("(%1$s) (%1$s) (%1$s) (%1$s)".formatted("\\d{1,9}\\.\\d\\d"));

    /** Not zeros, which some storage need not write. */
    private static final String SCRIPT =
            """
            set -e
            memory=/dev/shm; [ -d $memory ] || memory=/dev
            pattern=$memory/.berth-pattern file=/var/.berth-speed
            trap 'rm -f $pattern $file' EXIT
            now() { cut -d ' ' -f 1 /proc/uptime; }
            dd if=/dev/urandom of=$pattern bs=1M count=%2$d 2>/dev/null
            a=$(now)
            at=0
            while [ $at -lt %1$d ]; do
              dd if=$pattern of=$file bs=1M seek=$at conv=notrunc,fsync 2>/dev/null
              at=$((at + %2$d))
            done
            b=$(now)
            echo 3 >/proc/sys/vm/drop_caches
            c=$(now)
            dd if=$file of=/dev/null bs=1M 2>/dev/null
            echo "$a $b $c $(now)"
            """
                    .formatted(MEBIBYTES, PIECE);

    private final LibvirtDomains domains;

    GuestBench(LibvirtDomains domains) {
        this.domains = domains;
    }

    /** @throws HypervisorException when the guest can't be asked, or says nothing of use */
    GuestSpeed measure(UUID machineId) {
        Map<String, Object> command = Map.of("path", "/bin/sh", "arg", List.of("-c", SCRIPT), "capture-output", true);
        // A guest that has its address may yet have to start its agent.
        JsonNode begun = await(AGENT_PATIENCE, () -> ask(machineId, "guest-exec", command))
                .orElseThrow(() -> failure("its guest has no agent of QEMU's that may run programs"));
        Map<String, Object> which = Map.of("pid", begun.path("pid").asLong());
        JsonNode ended = await(PATIENCE, () -> ask(machineId, "guest-exec-status", which)
                        .filter(status -> status.path("exited").asBoolean()))
                .orElseThrow(() -> failure("its guest took too long"));
        return speed(ended.path("out-data").asText()).orElseThrow(() -> failure("its guest could not do it"));
    }

    private static Optional<JsonNode> await(Duration patience, Supplier<Optional<JsonNode>> look) {
        long end = System.nanoTime() + patience.toNanos();
        Optional<JsonNode> found = look.get();
        while (found.isEmpty()
                && System.nanoTime() < end
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            found = look.get();
        }
        return found;
    }

    private Optional<JsonNode> ask(UUID machineId, String verb, Map<String, Object> arguments) {
        String command = JSON.valueToTree(Map.of("execute", verb, "arguments", arguments))
                .toString();
        return domains.agent(machineId, command).map(answer -> {
            try {
                return JSON.readTree(answer).path("return");
            } catch (JsonProcessingException e) {
                throw failure("its guest's agent can't be understood");
            }
        });
    }

    private static HypervisorException failure(String why) {
        return new HypervisorException(Reason.REJECTED, "Its disk was not measured: " + why + ".");
    }

    static Optional<GuestSpeed> speed(String base64) {
        if (base64.length() > MOST_OUTPUT) {
            return Optional.empty();
        }
        try {
            String output = new String(Base64.getDecoder().decode(base64), StandardCharsets.US_ASCII);
            Matcher times = TIMES.matcher(output.strip());
            if (!times.matches()) {
                return Optional.empty();
            }
            return Optional.of(
                    new GuestSpeed(rate(times.group(1), times.group(2)), rate(times.group(3), times.group(4))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The guest's clock counts hundredths of a second. */
    private static long rate(String from, String to) {
        return (long) (BYTES / Math.max(0.01, Double.parseDouble(to) - Double.parseDouble(from)));
    }
}
