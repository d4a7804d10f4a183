package dev.berth.hypervisor.network;

import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.XmlTemplates;
import jakarta.inject.Singleton;
import java.util.Map;

/** A network of its own behind the host's address: a libvirt network in {@code nat} mode. */
@Singleton
public class NatNetwork extends DhcpNetwork {
    public NatNetwork(XmlTemplates templates) {
        super(templates);
    }

    @Override
    public String id() {
        return "nat";
    }

    @Override
    public Traits traits() {
        return new Traits(
                "NAT",
                "Simple. Uses no addresses of the outer network, and MAC addresses stay on the host.",
                "Nothing outside reaches a machine until a port is opened for it, and the host forwards every packet.",
                "Each machine gets a fixed address and a name on the network.");
    }

    @Override
    public Fit fit() {
        return new Fit(Fit.Reach.OPENED_PORTS, false, Fit.Speed.TRANSLATED, true);
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        Map<String, String> problems = super.validate(config);
        DhcpRange.net(config)
                .filter(net -> !net.isPrivate())
                .ifPresent(net -> problems.putIfAbsent(
                        DhcpRange.CIDR, "Choose a private range: within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16."));
        return problems;
    }
}
