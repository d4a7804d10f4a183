package dev.berth.provisioning;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.Task;
import dev.berth.common.BerthConfig;
import dev.berth.common.Notifications;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.HostConnectionChanged;
import dev.berth.hypervisor.HostsConfig;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorLifecycle;
import dev.berth.hypervisor.Hypervisors;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import java.net.URI;
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
    private final Reconciler reconciler;
    private final Sweep sweep;
    private final DataSource dataSource;

    private Scheduler scheduler;
    private Notifications notifications;
    private ScheduledExecutorService rounds;

    Worker(
            BerthConfig berth,
            HostsConfig hostsConfig,
            ProvisioningConfig config,
            HypervisorLifecycle lifecycle,
            Hypervisors hypervisors,
            Hosts hosts,
            MachineTask machineTask,
            Reconciler reconciler,
            Sweep sweep,
            DataSource dataSource) {
        this.berth = berth;
        this.hostsConfig = hostsConfig;
        this.config = config;
        this.lifecycle = lifecycle;
        this.hypervisors = hypervisors;
        this.hosts = hosts;
        this.machineTask = machineTask;
        this.reconciler = reconciler;
        this.sweep = sweep;
        this.dataSource = dataSource;
    }

    void start(@Observes StartupEvent event) {
        if (!berth.worker()) {
            return;
        }
        String url = hostsConfig.url().map(URI::toString).orElse("");
        hostsConfig.uris().forEach((name, uri) -> hosts.register(name, uri, url));
        lifecycle.start();
        Set<String> names = hostsConfig.uris().keySet();
        List<Task<?>> tasks = new ArrayList<>();
        names.forEach(name -> tasks.add(machineTask.forHost(name)));
        scheduler = Scheduler.create(dataSource, tasks)
                .schedulerName(new SchedulerName.Fixed("worker-" + UUID.randomUUID()))
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
        rounds = Executors.newScheduledThreadPool(2, work -> {
            Thread thread = new Thread(work, "worker-rounds");
            thread.setDaemon(true);
            return thread;
        });
        names.forEach(name -> {
            every(REPORT, () -> report(name));
            every(config.sweepInterval(), () -> sweep(name));
        });
        LOG.infof("Serving the hosts %s with %d threads", names, config.threads());
    }

    private void every(Duration interval, Runnable work) {
        rounds.scheduleWithFixedDelay(work, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** A host that came back, or went, is told at once: people wait for it. */
    void onConnection(@ObservesAsync HostConnectionChanged changed) {
        report(changed.host());
        if (changed.connected()) {
            sweep(changed.host());
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

    /** Running jobs stop after the step at hand and go back to the queue, for whoever comes next. */
    void stop(@Observes ShutdownEvent event) {
        if (scheduler == null) {
            return;
        }
        reconciler.stopSoon();
        rounds.shutdownNow();
        notifications.close();
        scheduler.stop();
        lifecycle.close();
    }
}
