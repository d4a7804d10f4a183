package dev.berth.provisioning;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import dev.berth.catalog.ProfileChecks;
import dev.berth.common.BerthConfig;
import dev.berth.common.Notifications;
import dev.berth.common.Rounds;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.HostConnectionChanged;
import dev.berth.hypervisor.HostsConfig;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorLifecycle;
import dev.berth.hypervisor.Hypervisors;
import dev.berth.machines.Forwards;
import io.agroal.api.AgroalDataSource;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jboss.logging.Logger;

/** The role {@code worker}: serves its hosts as long as the process lives. */
@ApplicationScoped
class Worker {
    private static final Logger LOG = Logger.getLogger(Worker.class);
    private static final Duration REPORT = Duration.ofSeconds(10);
    private static final Duration LAST_WORK = Duration.ofSeconds(20);
    private static final int CONNECTIONS_PER_THREAD = 4;

    private final BerthConfig berth;
    private final HostsConfig hostsConfig;
    private final ProvisioningConfig config;
    private final HypervisorLifecycle lifecycle;
    private final Hypervisors hypervisors;
    private final Hosts hosts;
    private final MachineTask machineTask;
    private final DiskTask diskTask;
    private final StrayTask strayTask;
    private final Reconciler reconciler;
    private final Sweep sweep;
    private final HostChecks checks;
    private final HostPorts ports;
    private final StorageWatch storage;
    private final ImageWatch images;
    private final AgroalDataSource dataSource;

    private final Map<String, ServedHost> served = new LinkedHashMap<>();
    private Notifications notifications;
    private Notifications wantedChecks;
    private Notifications portNotifications;
    private Rounds imageRounds;

    Worker(
            BerthConfig berth,
            HostsConfig hostsConfig,
            ProvisioningConfig config,
            HypervisorLifecycle lifecycle,
            Hypervisors hypervisors,
            Hosts hosts,
            MachineTask machineTask,
            DiskTask diskTask,
            StrayTask strayTask,
            Reconciler reconciler,
            Sweep sweep,
            HostChecks checks,
            HostPorts ports,
            StorageWatch storage,
            ImageWatch images,
            AgroalDataSource dataSource) {
        this.berth = berth;
        this.hostsConfig = hostsConfig;
        this.config = config;
        this.lifecycle = lifecycle;
        this.hypervisors = hypervisors;
        this.hosts = hosts;
        this.machineTask = machineTask;
        this.diskTask = diskTask;
        this.strayTask = strayTask;
        this.reconciler = reconciler;
        this.sweep = sweep;
        this.checks = checks;
        this.ports = ports;
        this.storage = storage;
        this.images = images;
        this.dataSource = dataSource;
    }

    void start(@Observes StartupEvent event) {
        if (!berth.worker()) {
            return;
        }
        String url = hostsConfig.url().map(URI::toString).orElse("");
        hostsConfig.uris().forEach((name, uri) -> hosts.register(name, uri, url));
        Set<String> names = hostsConfig.uris().keySet();
        int threads = threadsEach(names.size());
        String worker = name();
        names.forEach(name -> served.put(name, new ServedHost(name, scheduler(name, worker, threads))));
        lifecycle.start();
        served.values().forEach(ServedHost::start);
        notifications = new Notifications(
                DbQueue.CHANNEL, dataSource, host -> those(host).values().forEach(ServedHost::wake));
        portNotifications = new Notifications(
                Forwards.CHANNEL, dataSource, host -> ports.changed(those(host).keySet()));
        // Reading a large image takes a while; nothing waits for it.
        imageRounds = new Rounds("worker-images", 2);
        imageRounds.every(Duration.ZERO, config.sweepInterval(), images::look, "The look at the images failed");
        imageRounds.every(config.sweepInterval(), images::read, "Reading the images failed");
        served.forEach((name, host) -> {
            host.every(REPORT, "report", () -> report(name));
            host.every(config.sweepInterval(), "sweep", () -> sweep(name));
            host.every(StorageWatch.INTERVAL, "storage", () -> watchStorage(name));
            host.checkEvery(config.checkInterval(), () -> check(name, ""));
        });
        // The first thing it hears is "look at everything".
        wantedChecks = new Notifications(
                ProfileChecks.CHANNEL, dataSource, profile -> names.forEach(name -> ask(name, profile)));
        LOG.infof("Serving the hosts %s with %d threads each", names, threads);
    }

    /** A job holds a connection to the database, and wants a second one now and then; others need some, too. */
    private int threadsEach(int hostCount) {
        int connections =
                dataSource.getConfiguration().connectionPoolConfiguration().maxSize();
        return Math.max(1, Math.min(config.threads(), connections / (CONNECTIONS_PER_THREAD * hostCount)));
    }

    private Scheduler scheduler(String host, String worker, int threads) {
        return Scheduler.create(
                        dataSource, List.of(machineTask.forHost(host), diskTask.forHost(host), strayTask.forHost(host)))
                .schedulerName(new SchedulerName.Fixed(worker))
                .threads(threads)
                .pollingInterval(Duration.ofSeconds(1))
                .heartbeatInterval(config.heartbeat())
                .missedHeartbeatsLimit(4)
                .pollUsingLockAndFetch(0.5, 1.0)
                .jdbcCustomization(new OwnHostsOnly(Set.of(host)))
                // Jobs of other hosts are not its own to clean up.
                .deleteUnresolvedAfter(Duration.ofDays(36_500))
                .shutdownMaxWait(LAST_WORK)
                .build();
    }

    /** @param host one host's name, perhaps of another worker, or empty for all */
    private Map<String, ServedHost> those(String host) {
        if (host.isEmpty()) {
            return served;
        }
        return served.containsKey(host) ? Map.of(host, served.get(host)) : Map.of();
    }

    /** Says in the list of jobs where the worker runs; never the same twice. */
    private static String name() {
        String random = UUID.randomUUID().toString().substring(0, 8);
        try {
            return InetAddress.getLocalHost().getHostName() + "-" + random;
        } catch (UnknownHostException e) {
            return "worker-" + random;
        }
    }

    /** A host that came back, or went, is told at once: people wait for it. */
    void onConnection(@ObservesAsync HostConnectionChanged changed) {
        report(changed.host());
        if (changed.connected()) {
            sweep(changed.host());
            ask(changed.host(), "");
        }
    }

    private void report(String host) {
        try {
            hosts.reached(host, hypervisors.get(host).facts());
        } catch (HypervisorException e) {
            hosts.unreachable(host, e.getMessage());
        } catch (RuntimeException e) {
            LOG.warnf("Could not report on host %s: %s", host, e.getMessage());
        }
    }

    private void sweep(String host) {
        try {
            sweep.run(host);
        } catch (HypervisorException e) {
            LOG.debugf("No sweep of host %s: %s", host, e.getMessage());
        } catch (RuntimeException e) {
            LOG.warnf(e, "The sweep of host %s failed", host);
        }
    }

    private void watchStorage(String host) {
        try {
            storage.look(host);
        } catch (HypervisorException e) {
            LOG.debugf("No look at the storage of host %s: %s", host, e.getMessage());
        } catch (RuntimeException e) {
            LOG.warnf(e, "The look at the storage of host %s failed", host);
        }
    }

    /** @param profile the profile's id, or empty for all */
    private void ask(String host, String profile) {
        ServedHost asked = served.get(host);
        if (asked != null) {
            asked.check(() -> check(host, profile));
        }
    }

    private void check(String host, String profile) {
        try {
            if (profile.isEmpty()) {
                checks.all(host);
            } else {
                checks.one(host, UUID.fromString(profile));
            }
        } catch (RuntimeException e) {
            LOG.warnf(e, "The check of profiles on host %s failed", host);
        }
    }

    /** Running jobs stop after the step at hand and go back to the queue, for whoever comes next. */
    void stop(@Observes ShutdownEvent event) {
        if (served.isEmpty()) {
            return;
        }
        reconciler.stopSoon();
        diskTask.stopSoon();
        strayTask.stopSoon();
        imageRounds.close();
        wantedChecks.close();
        notifications.close();
        portNotifications.close();
        ports.close();
        // Each waits for its jobs under way; together they take no longer than the slowest.
        List<CompletableFuture<Void>> ends = served.values().stream()
                .map(host -> CompletableFuture.runAsync(host::close, work -> new Thread(work, "worker-stop").start()))
                .toList();
        ends.forEach(CompletableFuture::join);
        lifecycle.close();
    }
}
