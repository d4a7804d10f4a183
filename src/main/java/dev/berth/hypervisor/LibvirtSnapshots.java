package dev.berth.hypervisor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.disk.DiskKind;
import dev.berth.hypervisor.disk.DiskKinds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Snapshots of all disks of a machine at one point. Where QEMU keeps them and the machine runs, it takes those of all
 * disks in one transaction of its monitor.
 *
 * @see <a href="https://qemu-project.gitlab.io/qemu/interop/qemu-qmp-ref.html">QMP: blockdev-snapshot-internal-sync</a>
 */
final class LibvirtSnapshots {
    private static final Logger LOG = Logger.getLogger(LibvirtSnapshots.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TRIES_TO_THAW = 3;

    private final LibvirtHost host;
    private final LibvirtDomains domains;
    private final DiskKinds kinds;

    LibvirtSnapshots(LibvirtHost host, LibvirtDomains domains, DiskKinds kinds) {
        this.host = host;
        this.domains = domains;
        this.kinds = kinds;
    }

    /** See {@link Hypervisor#takeSnapshot}. */
    boolean take(UUID machineId, UUID snapshot, List<DiskSpec> disks, boolean again) {
        List<DiskSpec> having = disks.stream()
                .filter(disk -> kind(disk).snapshots(disk, host).contains(snapshot))
                .toList();
        if (again) {
            // Whoever died in the middle may have left the machine held, and its guest frozen.
            if (state(machineId) == DomainState.PAUSED) {
                domains.resume(machineId);
            }
            domains.thaw(machineId);
        }
        boolean running = state(machineId) == DomainState.RUNNING;
        if (having.size() == disks.size()) {
            return false;
        }
        // Those that are there are of another moment than the rest would be.
        having.forEach(disk -> delete(machineId, snapshot, List.of(disk)));
        if (!running) {
            takeStill(machineId, snapshot, disks);
            return false;
        }
        boolean frozen = domains.freeze(machineId);
        try {
            takeHeld(machineId, snapshot, disks);
        } finally {
            thaw(machineId, frozen);
        }
        return frozen;
    }

    /** Several disks are caught at one point only while nothing runs. */
    private void takeHeld(UUID machineId, UUID snapshot, List<DiskSpec> disks) {
        if (!needsHold(disks)) {
            takeStill(machineId, snapshot, disks);
            return;
        }
        domains.suspend(machineId);
        try {
            takeStill(machineId, snapshot, disks);
        } finally {
            domains.resume(machineId);
        }
    }

    private boolean needsHold(List<DiskSpec> disks) {
        return disks.size() > 1 || disks.stream().anyMatch(disk -> !kind(disk).snapshotsInQemu());
    }

    private void takeStill(UUID machineId, UUID snapshot, List<DiskSpec> disks) {
        if (on(machineId)) {
            List<DiskSpec> inQemu = inQemu(disks);
            if (!inQemu.isEmpty()) {
                Map<String, String> nodes = nodes(machineId);
                List<Map<String, Object>> actions = inQemu.stream()
                        .map(disk -> Map.<String, Object>of(
                                "type",
                                "blockdev-snapshot-internal-sync",
                                "data",
                                Map.of("device", node(nodes, disk), "name", snapshot.toString())))
                        .toList();
                ask(machineId, "transaction", Map.of("actions", actions));
            }
            others(disks).forEach(disk -> kind(disk).takeSnapshot(disk, snapshot, host));
        } else {
            disks.forEach(disk -> kind(disk).takeSnapshot(disk, snapshot, host));
        }
    }

    private void thaw(UUID machineId, boolean frozen) {
        for (int tries = 0; tries < TRIES_TO_THAW; tries++) {
            if (domains.thaw(machineId) || !frozen) {
                return;
            }
        }
        LOG.warnf("The guest of machine %s was asked to hold still, and does not say that it goes on", machineId);
    }

    void revert(UUID machineId, UUID snapshot, List<DiskSpec> disks, Progress progress) {
        if (on(machineId)) {
            throw new HypervisorException(
                    Reason.FAILED, "The machine is still on, so its disks can't be reverted. Power it off first.");
        }
        if (disks.stream().anyMatch(disk -> !kind(disk).snapshots(disk, host).contains(snapshot))) {
            throw new HypervisorException(
                    Reason.MISSING,
                    "The snapshot is no longer whole on host " + host.name() + ": nothing was reverted. Delete it.");
        }
        disks.forEach(disk -> kind(disk).revert(disk, snapshot, host, progress));
    }

    void delete(UUID machineId, UUID snapshot, List<DiskSpec> disks) {
        List<DiskSpec> inQemu = on(machineId) ? inQemu(disks) : List.of();
        if (!inQemu.isEmpty()) {
            Map<String, String> nodes = nodes(machineId);
            for (DiskSpec disk : inQemu) {
                if (kind(disk).snapshots(disk, host).contains(snapshot)) {
                    ask(
                            machineId,
                            "blockdev-snapshot-delete-internal-sync",
                            Map.of("device", node(nodes, disk), "name", snapshot.toString()));
                }
            }
        }
        disks.stream().filter(disk -> !inQemu.contains(disk)).forEach(disk -> kind(disk)
                .deleteSnapshot(disk, snapshot, host));
    }

    long bytes(UUID snapshot, List<DiskSpec> disks) {
        return disks.stream()
                .mapToLong(disk -> kind(disk).snapshotBytes(disk, snapshot, host))
                .sum();
    }

    void copy(DiskSpec from, UUID snapshot, DiskSpec to, Progress progress) {
        if (!kind(from).snapshots(from, host).contains(snapshot)) {
            throw new HypervisorException(
                    Reason.MISSING,
                    "The snapshot is no longer on host " + host.name()
                            + ". Delete this machine and clone another one.");
        }
        kind(to).fill(to, kind(from).snapshotSource(from, snapshot, host), host, progress);
    }

    /** QEMU's names of what the running domain's disks are, by the disks' names in the guest. */
    private Map<String, String> nodes(UUID machineId) {
        Map<String, String> aliases = new java.util.HashMap<>();
        domains.description(machineId).stream()
                .flatMap(domain -> domain.all("devices/disk").stream())
                .map(LibvirtXml::new)
                .forEach(disk -> aliases.put(disk.attribute("alias", "name"), disk.attribute("target", "dev")));
        Map<String, String> nodes = new java.util.HashMap<>();
        for (JsonNode device : ask(machineId, "query-block", Map.of())) {
            for (String part : device.path("qdev").asText().split("/", -1)) {
                String target = aliases.get(part);
                String node = device.path("inserted").path("node-name").asText();
                if (target != null && !node.isEmpty()) {
                    nodes.put(target, node);
                }
            }
        }
        return nodes;
    }

    private String node(Map<String, String> nodes, DiskSpec disk) {
        String node = nodes.get(disk.target());
        if (node == null) {
            throw new HypervisorException(
                    Reason.FAILED,
                    "Disk " + disk.target() + " is not in the running machine on host " + host.name()
                            + ". Stop the machine, start it again and retry.");
        }
        return node;
    }

    private JsonNode ask(UUID machineId, String command, Map<String, ?> arguments) {
        try {
            String answer = domains.monitor(
                            machineId, JSON.writeValueAsString(Map.of("execute", command, "arguments", arguments)))
                    .orElseThrow(() -> new HypervisorException(
                            Reason.FAILED, "The machine is no longer on host " + host.name() + "."));
            JsonNode read = JSON.readTree(answer);
            if (read.has("error")) {
                LOG.warnf("QEMU of machine %s refused %s: %s", machineId, command, read.path("error"));
                throw new HypervisorException(
                        Reason.FAILED,
                        "QEMU on host " + host.name() + " could not work on the snapshot. An admin finds the details in"
                                + " the worker's log.");
            }
            return read.path("return");
        } catch (JsonProcessingException e) {
            throw new HypervisorException(Reason.FAILED, "QEMU's answer can't be read.", e);
        }
    }

    private List<DiskSpec> inQemu(List<DiskSpec> disks) {
        return disks.stream().filter(disk -> kind(disk).snapshotsInQemu()).toList();
    }

    private List<DiskSpec> others(List<DiskSpec> disks) {
        List<DiskSpec> others = new ArrayList<>(disks);
        others.removeAll(inQemu(disks));
        return others;
    }

    private boolean on(UUID machineId) {
        return state(machineId) != DomainState.STOPPED && state(machineId) != DomainState.CRASHED;
    }

    private DomainState state(UUID machineId) {
        return domains.state(machineId).orElse(DomainState.STOPPED);
    }

    private DiskKind kind(DiskSpec disk) {
        return kinds.get(disk.storage().kind());
    }
}
