package dev.berth.console;

import dev.berth.common.BerthConfig;
import dev.berth.hypervisor.DomainState;
import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.Hypervisors;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.nio.file.Path;
import java.util.UUID;

/** The VNC sockets of machines on the hosts that this process serves. */
@ApplicationScoped
class LocalScreens {
    private final BerthConfig config;
    private final Instance<Hypervisors> hypervisors;

    LocalScreens(BerthConfig config, Instance<Hypervisors> hypervisors) {
        this.config = config;
        this.hypervisors = hypervisors;
    }

    boolean serves(String host) {
        return config.worker() && hypervisors.get().problems().containsKey(host);
    }

    /**
     * Asks libvirt, so it may block for a while.
     *
     * @throws ConsoleException off or unreachable, the latter also when this process does not serve the host
     */
    Path socket(String host, UUID machineId) {
        try {
            Hypervisor hypervisor = hypervisors.get().get(host);
            if (isOff(hypervisor, machineId)) {
                throw new ConsoleException(Ending.OFF);
            }
            return hypervisor.vncSocket(machineId);
        } catch (HypervisorException e) {
            throw new ConsoleException(Ending.UNREACHABLE, e);
        }
    }

    /** Whether the machine certainly is off; false when its host can't be asked. */
    boolean isOff(String host, UUID machineId) {
        try {
            return isOff(hypervisors.get().get(host), machineId);
        } catch (HypervisorException e) {
            return false;
        }
    }

    private static boolean isOff(Hypervisor hypervisor, UUID machineId) {
        return hypervisor
                .state(machineId)
                .map(state -> state == DomainState.STOPPED || state == DomainState.CRASHED)
                .orElse(true);
    }
}
