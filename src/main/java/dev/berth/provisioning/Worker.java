package dev.berth.provisioning;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.Task;
import dev.berth.catalog.ProfileChecks;
import dev.berth.common.BerthConfig;
import dev.berth.common.Notifications;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.HostConnectionChanged;
import dev.berth.hypervisor.HostsConfig;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorLifecycle;
import dev.berth.hypervisor.Hypervisors;
import dev.berth.machines.Forwards;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/** The role {@code worker}: serves its hosts as long as the process lives. */
@ApplicationScoped
class Worker {
    private static final Logger LOG = Logger.getLogger(Worker.class);
    private static final Duration REPORT = Duration.ofSeconds(10);
    private static final Duration LAST_WORK = Duration.ofSeconds(20);

    private final BerthConfig berth;
    private final HostsConfig hostsConfig;
    private final ProvisioningConfig config;
    private final HypervisorLifecycle lifecycle;
    private final Hypervisors hypervisors;
    private final Hosts hosts;
    private final MachineTask machineTask;
    private final DiskTask diskTask;
    private final Reconciler reconciler;
    private final Sweep sweep;
    private final HostChecks checks;
    private final HostPorts ports;
    private final StorageWatch storage;
    private final ImageWatch images;
    private final DataSource dataSource;

    private Scheduler scheduler;
    private Notifications notifications;
    private Notifications wantedChecks;
    private Notifications portNotifications;
    private ScheduledExecutorService rounds;
    private ScheduledExecutorService checkRounds;
    private ScheduledExecutorService storageRounds;
    private ScheduledExecutorService imageRounds;

    Worker(
            BerthConfig berth,
            HostsConfig hostsConfig,
            ProvisioningConfig config,
            HypervisorLifecycle lifecycle,
            Hypervisors hypervisors,
            Hosts hosts,
            MachineTask machineTask,
            DiskTask diskTask,
            Reconciler reconciler,
            Sweep sweep,
            HostChecks checks,
            HostPorts ports,
            StorageWatch storage,
            ImageWatch images,
            DataSource dataSource) {
        this.berth = berth;
        this.hostsConfig = hostsConfig;
        this.config = config;
        this.lifecycle = lifecycle;
        this.hypervisors = hypervisors;
        this.hosts = hosts;
        this.machineTask = machineTask;
        this.diskTask = diskTask;
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
        // A check may wait for a host's tools; reports and sweeps don't wait for it.
        checkRounds = threads(1, "worker-checks");
        lifecycle.start();
        Set<String> names = hostsConfig.uris().keySet();
        // Hosts don't wait for each other.
        storageRounds = threads(names.size(), "worker-storage");
        List<Task<?>> tasks = new ArrayList<>();
        names.forEach(name -> {
            tasks.add(machineTask.forHost(name));
            tasks.add(diskTask.forHost(name));
        });
        scheduler = Scheduler.create(dataSource, tasks)
                .schedulerName(new SchedulerName.Fixed(name()))
                .threads(config.threads())
                .pollingInterval(Duration.ofSeconds(1))
                .heartbeatInterval(config.heartbeat())
                .missedHeartbeatsLimit(4)
                .pollUsingLockAndFetch(0.5, 1.0)
                .jdbcCustomization(new OwnHostsOnly(names))
                // Jobs of other workers' hosts are not ours to clean up.
                .deleteUnresolvedAfter(Duration.ofDays(36_500))
                .shutdownMaxWait(LAST_WORK)
                .build();
        scheduler.start();
        notifications = new Notifications(DbQueue.CHANNEL, dataSource, host -> {
            if (host.isEmpty() || names.contains(host)) {
                scheduler.triggerCheckForDueExecutions();
            }
        });
        portNotifications = new Notifications(Forwards.CHANNEL, dataSource, host -> {
            if (host.isEmpty()) {
                ports.changed(names);
            } else if (names.contains(host)) {
                ports.changed(Set.of(host));
            }
        });
        rounds = threads(2, "worker-rounds");
        every(config.sweepInterval(), () -> ofImages(images::look));
        // Reading a large image takes a while; nothing waits for it.
        imageRounds = threads(1, "worker-images");
        long round = config.sweepInterval().toMillis();
        imageRounds.scheduleWithFixedDelay(() -> ofImages(images::read), round, round, TimeUnit.MILLISECONDS);
        names.forEach(name -> {
            every(REPORT, () -> report(name));
            every(config.sweepInterval(), () -> sweep(name));
            storageRounds.scheduleWithFixedDelay(
                    () -> watchStorage(name), 0, StorageWatch.INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
            long interval = config.checkInterval().toMillis();
            checkRounds.scheduleWithFixedDelay(() -> check(name, ""), interval, interval, TimeUnit.MILLISECONDS);
        });
        // The first thing it hears is "look at everything".
        wantedChecks = new Notifications(
                ProfileChecks.CHANNEL, dataSource, profile -> names.forEach(name -> ask(name, profile)));
        LOG.infof("Serving the hosts %s with %d threads", names, config.threads());
    }

    private static ScheduledExecutorService threads(int count, String name) {
        return Executors.newScheduledThreadPool(count, work -> {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            return thread;
        });
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

    private void every(Duration interval, Runnable work) {
        rounds.scheduleWithFixedDelay(work, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
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

    private static void ofImages(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            LOG.warnf(e, "The look at the images failed");
        }
    }

    /** @param profile the profile's id, or empty for all */
    private void ask(String host, String profile) {
        if (!checkRounds.isShutdown()) {
            checkRounds.execute(() -> check(host, profile));
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
        if (scheduler == null) {
            return;
        }
        reconciler.stopSoon();
        diskTask.stopSoon();
        rounds.shutdownNow();
        imageRounds.shutdownNow();
        wantedChecks.close();
        checkRounds.shutdownNow();
        storageRounds.shutdownNow();
        notifications.close();
        portNotifications.close();
        ports.close();
        scheduler.stop();
        lifecycle.close();
    }
}
