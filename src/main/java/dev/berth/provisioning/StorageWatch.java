package dev.berth.provisioning;

import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.Hypervisors;
import dev.berth.hypervisor.disk.DiskFit;
import dev.berth.hypervisor.disk.DiskKinds;
import dev.berth.machines.Troubles;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Watches storage that machines are on: when the host loses what lies behind a network, or a snapshot's room is nearly used
 * up, they say so, and no longer when that is over.
 */
@ApplicationScoped
class StorageWatch {
    private static final Logger LOG = Logger.getLogger(StorageWatch.class);

    /** Between the end of a look and the next. A look takes no longer than the longest check, so loss is seen within both. */
    static final Duration INTERVAL = Duration.ofSeconds(8);

    private final ExecutorService looks = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "storage-watch");
        thread.setDaemon(true);
        return thread;
    });

    private final Hypervisors hypervisors;
    private final Hosts hosts;
    private final StorageProfiles storage;
    private final DiskKinds kinds;
    private final Troubles troubles;

    /** What each host said last of each profile, so that only news is written down. */
    private final Map<String, List<String>> said = new ConcurrentHashMap<>();

    StorageWatch(Hypervisors hypervisors, Hosts hosts, StorageProfiles storage, DiskKinds kinds, Troubles troubles) {
        this.hypervisors = hypervisors;
        this.hosts = hosts;
        this.storage = storage;
        this.kinds = kinds;
        this.troubles = troubles;
    }

    /** @throws HypervisorException when the host can't be reached: nothing is said of its machines then */
    void look(String hostName) {
        Hypervisor host = hypervisors.get(hostName);
        List<Profile> used = storage.find(troubles.storageInUse(hostName));
        // All at once: of several that are lost, each takes its time to be found out.
        Map<Profile, Future<HostCheck>> checks = used.stream()
                .filter(profile -> kinds.get(profile.kind()).fit().speed() == DiskFit.Speed.NETWORK)
                .collect(Collectors.toMap(
                        profile -> profile,
                        profile -> looks.submit(() -> host.checkStorage(StorageProfiles.spec(profile)))));
        Map<UUID, String> lost = new HashMap<>();
        checks.forEach((profile, pending) -> {
            HostCheck check = said(pending);
            if (!check.good()) {
                lost.put(
                        profile.id(),
                        "The storage " + profile.name() + " is lost. "
                                + check.problems().get(0));
            }
            tell(hostName, profile, check);
        });
        // Before anything else is asked, which may take its time.
        troubles.seen(hostName, lost, Map.of());
        Map<UUID, Integer> filled = new HashMap<>();
        used.forEach(profile -> filled.putAll(filled(host, profile)));
        if (!filled.isEmpty()) {
            troubles.seen(hostName, lost, filled);
        }
    }

    /** What can't be looked at now stays as it was seen last. */
    private static Map<UUID, Integer> filled(Hypervisor host, Profile profile) {
        try {
            return host.snapshotsFilled(StorageProfiles.spec(profile));
        } catch (HypervisorException e) {
            LOG.debugf("No look at the snapshots on %s of host %s: %s", profile.slug(), host.host(), e.getMessage());
            return Map.of();
        }
    }

    private static HostCheck said(Future<HostCheck> check) {
        try {
            return check.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException reason ? reason : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HypervisorException(HypervisorException.Reason.UNREACHABLE, "The worker stops.", e);
        }
    }

    /** The profile's page shows it, too. */
    private void tell(String hostName, Profile profile, HostCheck check) {
        List<String> before = said.put(hostName + ' ' + profile.id(), check.problems());
        if (before != null && !before.equals(check.problems())) {
            hosts.list().stream()
                    .filter(host -> host.name().equals(hostName))
                    .map(Host::id)
                    .forEach(id -> storage.checked(profile.id(), id, hostName, check));
        }
    }
}
