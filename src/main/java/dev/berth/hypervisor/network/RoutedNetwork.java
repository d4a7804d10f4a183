package dev.berth.hypervisor.network;

import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.NetworkSpec;
import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.XmlTemplates;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A network of its own that others reach through the host: no address is translated. The outer network
 * has to know the way, so the check says which route to add and whether it is there.
 */
@Singleton
public class RoutedNetwork extends DhcpNetwork {
    static final KindField NEXT_HOP = KindField.optional(
                    "nextHop",
                    "Next hop",
                    "The host's address on the outer network, which the route leads to. Only the host that has it offers"
                            + " the network. Empty: the address by which the host reaches the probe target.",
                    "192.0.2.7")
            .changeable();

    static final KindField PROBE_TARGET = KindField.optional(
                    "probeTarget",
                    "Probe target",
                    "Who is asked to see whether replies come back: an address behind the router that answers pings."
                            + " Empty: the gateway of the host's default route.",
                    "192.0.2.1")
            .changeable();

    private static final Path FORWARDING = Path.of("/proc/sys/net/ipv4/ip_forward");

    public RoutedNetwork(XmlTemplates templates) {
        super(templates);
    }

    @Override
    public String id() {
        return "routed";
    }

    @Override
    public Traits traits() {
        return new Traits(
                "Routed",
                "Simple. Whoever has a route reaches every port of a machine, and MAC addresses stay on the host.",
                "Somebody has to add a route on the outer network's router, and the host forwards every packet.",
                "The exact route is shown, and a probe tells whether it is there. Each machine gets a fixed address and a"
                        + " name on the network.");
    }

    @Override
    public Fit fit() {
        return new Fit(Fit.Reach.ROUTED, false, Fit.Speed.FORWARDED, true);
    }

    @Override
    List<KindField> ownFields() {
        return List.of(NEXT_HOP, PROBE_TARGET);
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        Map<String, String> problems = super.validate(config);
        Optional<Ipv4Net> net = DhcpRange.net(config);
        for (KindField field : List.of(NEXT_HOP, PROBE_TARGET)) {
            String text = config.getOrDefault(field.name(), "");
            Optional<Long> address = Ipv4Net.address(text).filter(RoutedNetwork::isUnicast);
            if (!text.isEmpty() && address.isEmpty()) {
                problems.put(field.name(), "Write an IPv4 address, for example " + field.example() + ".");
            } else if (address.isPresent() && net.isPresent() && net.get().contains(address.get())) {
                problems.put(
                        field.name(), "This lies within " + net.get() + ". Write an address of the outer network.");
            }
        }
        return problems;
    }

    private static boolean isUnicast(long address) {
        return new Ipv4Net(address, 32).isUnicast();
    }

    /** Packets pass both ways as they are, but none with an address that belongs elsewhere. */
    @Override
    String rules(String bridge, Ipv4Net net) {
        return """
                chain forward {
                  type filter hook forward priority filter; policy accept;
                  iifname "%1$s" ip saddr != %2$s reject
                  oifname "%1$s" ip daddr != %2$s reject
                }
                """
                .formatted(bridge, net);
    }

    @Override
    public HostCheck check(NetworkSpec network, LibvirtHost host) {
        boolean up = host.networks().isActive(network.profileId());
        String nextHop = network.config().getOrDefault(NEXT_HOP.name(), "");
        HostCheck common = super.check(network, host);
        List<String> problems = new ArrayList<>(common.problems());
        List<String> advice = new ArrayList<>(common.advice());
        if (!nextHop.isEmpty() && !HostRoutes.isOwnAddress(nextHop)) {
            problems.add("The route leads to " + nextHop + ", which is no address of host " + host.name()
                    + ". Correct the next hop, or make another network profile for this host.");
        }
        problems.addAll(forwardingProblems(host.name(), isForwarding(), Files.isWritable(FORWARDING) && !up));
        RouteProbe.Verdict verdict = new RouteProbe(
                        host.name(),
                        DhcpRange.of(network.config()).net(),
                        nextHop,
                        network.config().getOrDefault(PROBE_TARGET.name(), ""))
                .run(up);
        if (!verdict.advice().isEmpty()) {
            advice.add(verdict.advice());
        }
        return new HostCheck(problems, advice, verdict.facts());
    }

    /** @param willBe whether libvirt turns it on with the network */
    static List<String> forwardingProblems(String host, boolean on, boolean willBe) {
        return on || willBe
                ? List.of()
                : List.of("Host " + host + " does not forward packets. Run there: sysctl -w net.ipv4.ip_forward=1, and"
                        + " put that line into a file of /etc/sysctl.d.");
    }

    private static boolean isForwarding() {
        try {
            return Files.readString(FORWARDING).strip().equals("1");
        } catch (IOException e) {
            return false;
        }
    }
}
