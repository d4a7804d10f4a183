package dev.berth.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** QEMU's agent in a machine's guest. */
public final class Agent {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    private Agent() {}

    /** Waits until the guest does what it is told. */
    public static void await(UUID machineId) {
        org.awaitility.Awaitility.await("the guest's agent")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .ignoreExceptions()
                .until(() -> !ask(machineId, "guest-ping", Map.of()).isMissingNode());
    }

    /** What a shell script in the guest writes. */
    public static String run(UUID machineId, String script) {
        int pid = ask(
                        machineId,
                        "guest-exec",
                        Map.of("path", "/bin/sh", "arg", List.of("-c", script), "capture-output", true))
                .path("pid")
                .asInt();
        JsonNode ended = org.awaitility.Awaitility.await("the guest to run " + script)
                .atMost(PATIENCE)
                .until(() -> ask(machineId, "guest-exec-status", Map.of("pid", pid)), answer -> answer.path("exited")
                        .asBoolean());
        return new String(Base64.getDecoder().decode(ended.path("out-data").asText("")), StandardCharsets.UTF_8);
    }

    private static JsonNode ask(UUID machineId, String command, Map<String, ?> arguments) {
        try {
            String question = JSON.writeValueAsString(Map.of("execute", command, "arguments", arguments));
            return JSON.readTree(Virsh.run("qemu-agent-command", machineId.toString(), question))
                    .path("return");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
