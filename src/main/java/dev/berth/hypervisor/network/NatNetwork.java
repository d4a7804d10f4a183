package dev.berth.hypervisor.network;

import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.NetworkSpec;
import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.XmlTemplates;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A network of its own behind the host's address: libvirt runs its bridge and its DHCP server, and an nftables table of
 * ours translates addresses (see {@link NatRules}).
 */
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
                "Each machine gets a fixed address and a name on the network, and tenants open ports by themselves.");
    }

    @Override
    public Fit fit() {
        return new Fit(Fit.Reach.OPENED_PORTS, false, Fit.Speed.TRANSLATED, true);
    }

    @Override
    List<KindField> ownFields() {
        return ForwardSettings.FIELDS;
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        Map<String, String> problems = super.validate(config);
        DhcpRange.net(config)
                .filter(net -> !net.isPrivate())
                .ifPresent(net -> problems.putIfAbsent(
                        DhcpRange.CIDR, "Choose a private range: within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16."));
        problems.putAll(ForwardSettings.problems(config));
        return problems;
    }

    @Override
    public Optional<PortRange> forwardPorts(Map<String, String> config) {
        return ForwardSettings.ports(config);
    }

    @Override
    public String forwardAddress(Map<String, String> config) {
        return ForwardSettings.address(config);
    }

    @Override
    public HostCheck check(NetworkSpec network, LibvirtHost host) {
        HostCheck check = super.check(network, host);
        List<String> taken =
                forwardPorts(network.config()).map(ListeningPorts::within).orElse(List.of());
        if (taken.isEmpty()) {
            return check;
        }
        List<String> advice = new ArrayList<>(check.advice());
        advice.add("Services of host " + host.name() + " itself listen on " + String.join(", ", taken)
                + ", which tenants may open: whoever does takes such a port from the service. Choose other ports in the"
                + " profile, or move the services.");
        return new HostCheck(check.problems(), advice, check.facts());
    }

    @Override
    String rules(String bridge, Ipv4Net net) {
        return NatRules.of(bridge, net);
    }
}
