package dev.berth.provisioning;

import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.Hypervisors;
import dev.berth.machines.ForwardStatus;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jboss.logging.Logger;

/**
 * Makes a host's open ports what the rows say, all of them at once: when a row changed, when the host or the worker came
 * back, with each sweep, and before a machine's address is given back.
 */
@ApplicationScoped
class HostPorts {
    private static final Logger LOG = Logger.getLogger(HostPorts.class);

    private final Hypervisors hypervisors;
    private final ForwardStatus forwards;
    private final Hosts hosts;
    private final FaultHold faults;

    /** Hosts with a change that nobody has looked at yet: many changes at once are one look. */
    private final Set<String> waiting = ConcurrentHashMap.newKeySet();

    /** A thread for each host: hosts don't wait for each other. */
    private final Map<String, ExecutorService> looks = new ConcurrentHashMap<>();

    HostPorts(Hypervisors hypervisors, ForwardStatus forwards, Hosts hosts, FaultHold faults) {
        this.hypervisors = hypervisors;
        this.forwards = forwards;
        this.hosts = hosts;
        this.faults = faults;
    }

    /** @throws HypervisorException when the host can't be reached, or its packet filter refuses */
    void apply(String hostName) {
        Hypervisor host = hypervisors.get(hostName);
        UUID installationId = hosts.installationId();
        forwards.apply(hostName, wanted -> {
            host.applyForwards(installationId, wanted);
            faults.after("PORTS");
        });
    }

    /** Soon, on a thread of its own. */
    void changed(Collection<String> hostNames) {
        for (String hostName : hostNames) {
            if (waiting.add(hostName)) {
                try {
                    looks.computeIfAbsent(hostName, HostPorts::thread).execute(() -> look(hostName));
                } catch (RejectedExecutionException e) {
                    LOG.trace("A change came after the end", e);
                }
            }
        }
    }

    private void look(String hostName) {
        waiting.remove(hostName);
        try {
            apply(hostName);
        } catch (HypervisorException e) {
            LOG.infof("The ports of host %s wait: %s", hostName, e.getMessage());
        } catch (RuntimeException e) {
            LOG.warnf(e, "The ports of host %s wait", hostName);
        }
    }

    private static ExecutorService thread(String hostName) {
        return Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, "worker-" + hostName + "-ports");
            thread.setDaemon(true);
            return thread;
        });
    }

    void close() {
        looks.values().forEach(ExecutorService::shutdown);
    }
}
