package dev.berth.hypervisor;

import jakarta.inject.Singleton;
import java.util.List;
import java.util.UUID;

/** The ports of this host that lead to machines: one nftables table of the installation's own, replaced whole. */
@Singleton
public class PortForwards {
    void apply(UUID installationId, List<ForwardSpec> wanted) {
        if (!wanted.isEmpty()) {
            throw new HypervisorException(
                    HypervisorException.Reason.FAILED, "Ports can't be forwarded yet: " + installationId + ".");
        }
    }
}
