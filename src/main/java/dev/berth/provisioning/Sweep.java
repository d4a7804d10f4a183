package dev.berth.provisioning;

import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.DomainChanged;
import dev.berth.hypervisor.DomainSummary;
import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.Hypervisors;
import dev.berth.hypervisor.NicSpec;
import dev.berth.machines.DiskStatus;
import dev.berth.machines.MachineDisk;
import dev.berth.machines.MachineQueue;
import dev.berth.machines.MachineStatus;
import dev.berth.machines.Moves;
import dev.berth.machines.Observations;
import dev.berth.machines.Seen;
import dev.berth.machines.Snapshots;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Keeps what is written of machines true to what their hosts show. Events say so at once; a comparison of all, from
 * one bulk call, catches what events missed, wakes machines without a job, and writes down strays. What machines stand on,
 * their networks and open ports, is made again if it is gone.
 */
@ApplicationScoped
class Sweep {
    private static final Logger LOG = Logger.getLogger(Sweep.class);

    private final Hypervisors hypervisors;
    private final Observations observations;
    private final MachineStatus status;
    private final DiskStatus disks;
    private final MachineQueue queue;
    private final SeenAddresses addresses;
    private final HostPorts ports;
    private final Moves moves;
    private final NetworkProfiles networks;
    private final StorageProfiles storage;
    private final Snapshots snapshots;
    private final SpeedWork speeds;
    private final StrayLook strays;
    private final Hosts hosts;

    Sweep(
            Hypervisors hypervisors,
            Observations observations,
            MachineStatus status,
            DiskStatus disks,
            MachineQueue queue,
            SeenAddresses addresses,
            HostPorts ports,
            Moves moves,
            NetworkProfiles networks,
            StorageProfiles storage,
            Snapshots snapshots,
            SpeedWork speeds,
            StrayLook strays,
            Hosts hosts) {
        this.hypervisors = hypervisors;
        this.observations = observations;
        this.status = status;
        this.disks = disks;
        this.queue = queue;
        this.addresses = addresses;
        this.ports = ports;
        this.moves = moves;
        this.networks = networks;
        this.storage = storage;
        this.snapshots = snapshots;
        this.speeds = speeds;
        this.strays = strays;
        this.hosts = hosts;
    }

    void onDomainChanged(@ObservesAsync DomainChanged changed) {
        try {
            Hypervisor host = hypervisors.get(changed.host());
            observations.observe(changed.machineId(), () -> Reconciler.seen(host.state(changed.machineId())));
            plug(host, status.runningNics(changed.machineId()));
            // Whoever waits for just this, a guest that powers off for one, need not wait for its next look.
            QuarkusTransaction.requiringNew().run(() -> status.unsettledHost(changed.machineId())
                    .ifPresent(hostName -> queue.enqueue(changed.machineId(), hostName)));
        } catch (HypervisorException e) {
            LOG.debugf("Could not look at machine %s: %s", changed.machineId(), e.getMessage());
        }
    }

    /** Compares all machines of the host with what it shows. */
    void run(String hostName) {
        Hypervisor host = hypervisors.get(hostName);
        List<Observations.Row> rows = observations.rows(hostName);
        Map<UUID, DomainSummary> domains = host.domains(hosts.installationId()).stream()
                .collect(Collectors.toMap(DomainSummary::machineId, domain -> domain, (one, other) -> one));
        for (Observations.Row row : rows) {
            DomainSummary domain = domains.get(row.id());
            Seen seen = Reconciler.seen(Optional.ofNullable(domain).map(DomainSummary::state));
            if (seen != row.seen()) {
                observations.observe(row.id(), () -> Reconciler.seen(host.state(row.id())));
            }
            if (!row.settled()) {
                queue.ensureQueued(row.id(), hostName);
            }
        }
        disks.unfinished(hostName).forEach(disk -> queue.ensureDiskQueued(disk, hostName));
        plug(host, status.runningNics(hostName));
        Map<Profile, Set<UUID>> there = new LinkedHashMap<>();
        for (Profile profile : storage.list()) {
            there.put(profile, host.volumes(StorageProfiles.spec(profile)));
        }
        findLostDisks(host, rows, there);
        addresses.lookOn(hostName, host);
        strays.take(host, domains.values(), there);
        moves.expire(hostName);
        keepNetworks(host);
        ports.apply(hostName);
        snapshots.deleteOld(hostName);
        speeds.lookAtBootTests(host);
    }

    /** A restart of the host, or of its packet filter, takes rules away; somebody may have destroyed a network. */
    private void keepNetworks(Hypervisor host) {
        for (Profile profile : networks.find(status.networksInUse(host.host()))) {
            try {
                host.ensureNetwork(NetworkProfiles.spec(profile));
            } catch (HypervisorException e) {
                LOG.warnf("Network %s on host %s: %s", profile.slug(), host.host(), e.getMessage());
            }
        }
    }

    /** A machine that was started behind Berth's back waits for what libvirt can't do for its cards. */
    private static void plug(Hypervisor host, List<NicSpec> nics) {
        for (NicSpec nic : nics) {
            try {
                host.plugNic(nic);
            } catch (HypervisorException e) {
                LOG.warnf("Card %s of machine %s: %s", nic.mac(), nic.machineId(), e.getMessage());
            }
        }
    }

    private void findLostDisks(Hypervisor host, List<Observations.Row> rows, Map<Profile, Set<UUID>> volumes) {
        Map<UUID, List<UUID>> expected = observations.volumes(host.host());
        Set<UUID> there = volumes.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
        rows.stream()
                .filter(row -> row.provisioned() && row.settled() && !row.failed())
                .map(Observations.Row::id)
                .filter(id -> !there.containsAll(expected.getOrDefault(id, List.of())))
                .filter(id -> isLost(host, id))
                .forEach(observations::diskMissing);
        Map<Boolean, List<UUID>> kept = disks.kept(host.host()).stream()
                .collect(Collectors.partitioningBy(
                        disk -> there.contains(disk.spec().volume()) || host.diskExists(disk.spec()),
                        Collectors.mapping(MachineDisk::id, Collectors.toList())));
        disks.lookedFor(kept.get(true), kept.get(false));
    }

    /** Whether it is so still: a disk may have come or gone since the rows were read. */
    private boolean isLost(Hypervisor host, UUID machineId) {
        return status.task(machineId).stream()
                .flatMap(task -> task.disks().stream())
                .anyMatch(disk -> disk.made() && !disk.removing() && !host.diskExists(disk.spec()));
    }
}
