package dev.berth.api;

import dev.berth.common.BerthConfig;
import dev.berth.hypervisor.HostsConfig;
import dev.berth.hypervisor.Hypervisors;
import dev.berth.machines.LeaseFigures;
import dev.berth.machines.LeaseState;
import dev.berth.provisioning.QueueFigures;
import dev.berth.provisioning.QueueFigures.Standing;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.util.function.ToLongFunction;

/**
 * What monitoring asks beside the timers and counters that each package keeps of its own work. All are named
 * {@code berth_*}; a tag has few values: never a person, a tenant or a machine.
 */
@ApplicationScoped
public class OperatingMetrics {
    private final MeterRegistry registry;
    private final QueueFigures queue;
    private final BerthConfig berth;
    private final LeaseFigures leases;
    private final HostsConfig hosts;
    private final Hypervisors hypervisors;

    OperatingMetrics(
            MeterRegistry registry,
            QueueFigures queue,
            LeaseFigures leases,
            BerthConfig berth,
            HostsConfig hosts,
            Hypervisors hypervisors) {
        this.registry = registry;
        this.queue = queue;
        this.leases = leases;
        this.berth = berth;
        this.hosts = hosts;
        this.hypervisors = hypervisors;
    }

    void register(@Observes StartupEvent event) {
        queue("berth_queue_due", "Jobs that wait for a worker", Standing::due);
        queue("berth_queue_running", "Jobs that a worker is at", Standing::running);
        queue("berth_queue_oldest_seconds", "How long the first due job has waited", Standing::oldestSeconds);
        for (LeaseState state : LeaseState.values()) {
            Gauge.builder("berth_machines", () -> {
                        try {
                            return leases.count(state);
                        } catch (SQLException e) {
                            return Double.NaN;
                        }
                    })
                    .description("Machines by how far their leases are")
                    .tag("lease", state.css())
                    .register(registry);
        }
        if (berth.worker()) {
            hosts.uris().keySet().forEach(host -> Gauge.builder("berth_host_up", () -> up(host))
                    .description("1 when libvirt on the host answers")
                    .tag("host", host)
                    .register(registry));
        }
    }

    private void queue(String name, String description, ToLongFunction<Standing> figure) {
        Gauge.builder(name, () -> {
                    try {
                        return figure.applyAsLong(queue.standing());
                    } catch (SQLException e) {
                        return Double.NaN;
                    }
                })
                .description(description)
                .register(registry);
    }

    private int up(String host) {
        return hypervisors.problems().getOrDefault(host, "unknown").isEmpty() ? 1 : 0;
    }
}
