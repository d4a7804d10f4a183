package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.testing.World;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The small test guest, running; QEMU's agent in it does what a test tells it. Booting is what costs: reuse it. */
public final class Guest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String KEEP_ROUTES = "ip route | grep '^default.* dev %s' >/tmp/routes;";
    private static final String PUT_ROUTES_BACK = " while read -r route; do ip route replace $route; done </tmp/routes";

    private final LiveHost host;
    private final DomainSpec machine;

    private Guest(LiveHost host, DomainSpec machine) {
        this.host = host;
        this.machine = machine;
    }

    /** Starts a guest with these cards, whose machine id is that of the first; {@link #awaitBoot} waits for it. */
    static Guest start(LiveHost host, String hostName, NicSpec... nics) {
        Guest guest = startWithoutBerth(host, hostName, nics);
        guest.machine.nics().forEach(host.hypervisor::plugNic);
        return guest;
    }

    /** Starts a machine that is defined already. */
    static Guest startPrepared(LiveHost host, DomainSpec machine) {
        host.hypervisor.start(machine.machineId());
        machine.nics().forEach(host.hypervisor::plugNic);
        return new Guest(host, machine);
    }

    /** The same as an operator would start it with virsh, so that nothing follows. */
    static Guest startWithoutBerth(LiveHost host, String hostName, NicSpec... nics) {
        DomainSpec machine = host.machine(hostName, new DiskSpec.BaseImage(World.GUEST.toString(), "qcow2"), nics);
        host.prepare(machine);
        host.hypervisor.start(machine.machineId());
        return new Guest(host, machine);
    }

    /** Waits until the guest does what it is told. */
    Guest awaitBoot() {
        await("the guest's agent")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> ask(Map.of("execute", "guest-ping")).isPresent());
        return this;
    }

    DomainSpec machine() {
        return machine;
    }

    /** How a script ended, with what it wrote. */
    record Result(int exitCode, String output) {}

    /** Runs a shell script in the guest to its end. */
    Result run(String script) {
        Map<String, Object> arguments =
                Map.of("path", "/bin/sh", "arg", List.of("-c", "exec 2>&1; " + script), "capture-output", true);
        int pid = ask(Map.of("execute", "guest-exec", "arguments", arguments))
                .orElseThrow()
                .path("pid")
                .asInt();
        JsonNode status = await("the guest to run " + script)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> ask(Map.of("execute", "guest-exec-status", "arguments", Map.of("pid", pid)))
                                .orElseThrow(),
                        answer -> answer.path("exited").asBoolean());
        return new Result(
                status.path("exitcode").asInt(-1),
                new String(Base64.getDecoder().decode(status.path("out-data").asText("")), StandardCharsets.UTF_8));
    }

    /** Runs a script that has to succeed. */
    String must(String script) {
        Result result = run(script);
        assertThat(result.exitCode()).as(script + ": " + result.output()).isZero();
        return result.output();
    }

    /** Whether somebody answers there, who may take three seconds. */
    boolean reaches(String address) {
        return run("ping -c 3 -w 3 -A " + address + " | grep -q 'bytes from'").exitCode() == 0;
    }

    /** Waits until somebody answers there: the first packets may be lost while neighbours find each other. */
    void awaitReach(String address) {
        await("an answer from " + address).atMost(Duration.ofSeconds(30)).until(() -> reaches(address));
    }

    /** Waits until the card has an IPv4 address, and returns it. */
    String awaitAddress(String card) {
        return await("an address on " + card)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(300))
                .until(
                        () -> run("ip -4 -o address show " + card + " | awk '{ sub(\"/.*\", \"\", $4); print $4 }'")
                                .output()
                                .strip(),
                        address -> !address.isEmpty());
    }

    /** The card has another MAC address from now on, and the same IP address and routes. */
    void takeMac(String card, String mac) {
        must(KEEP_ROUTES.formatted(card)
                + ("address=$(ip -4 -o address show %1$s | awk '{ print $4 }'); ip link set %1$s down;"
                                + " ip link set %1$s address %2$s; ip link set %1$s up;"
                                + " ip address replace $address dev %1$s;")
                        .formatted(card, mac)
                + PUT_ROUTES_BACK);
    }

    /** The card has this IP address from now on and no other, and tells its neighbours so. */
    void takeAddress(String card, String address) {
        must(KEEP_ROUTES.formatted(card)
                + ("ip -4 address flush dev %1$s; ip address add %2$s/24 dev %1$s;"
                                + " arping -U -q -c 1 -I %1$s %2$s || true;")
                        .formatted(card, address)
                + PUT_ROUTES_BACK);
    }

    void remove() {
        host.remove(machine);
    }

    /** The agent's answer, or empty when it does not hear. */
    private Optional<JsonNode> ask(Map<String, ?> question) {
        try {
            HostCommand.Result result = HostCommand.of(
                            "virsh",
                            "-c",
                            "qemu:///system",
                            "qemu-agent-command",
                            machine.machineId().toString(),
                            JSON.writeValueAsString(question),
                            "--timeout",
                            "5")
                    .timeout(Duration.ofSeconds(60))
                    .run();
            return result.succeeded()
                    ? Optional.of(JSON.readTree(result.output()).path("return"))
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
