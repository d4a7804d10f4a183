package dev.berth.hypervisor.network;

import dev.berth.hypervisor.KindField;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The range of a network whose addresses libvirt's DHCP server gives out, and the part of it that is for machines. */
record DhcpRange(Ipv4Net net, long rangeStart, long rangeEnd) {
    static final String CIDR = NetworkKind.CIDR;
    static final String RANGE_START = "rangeStart";
    static final String RANGE_END = "rangeEnd";

    private static final int WIDEST_PREFIX = 16;
    private static final int NARROWEST_PREFIX = 29;

    static final List<KindField> FIELDS = List.of(
            KindField.required(
                    CIDR,
                    "Address range",
                    "A range that nothing else uses. Its first address becomes the gateway.",
                    "10.20.0.0/24"),
            KindField.required(
                            RANGE_START,
                            "First address for machines",
                            "Machines get addresses from here on.",
                            "10.20.0.10")
                    .changeable(),
            KindField.required(
                            RANGE_END, "Last address for machines", "Machines get addresses up to here.", "10.20.0.250")
                    .changeable());

    /** @throws IllegalArgumentException for settings that have {@link #problems} */
    static DhcpRange of(Map<String, String> config) {
        Map<String, String> problems = problems(config);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(problems.values().iterator().next());
        }
        return new DhcpRange(
                Ipv4Net.parse(config.get(CIDR)).orElseThrow(),
                Ipv4Net.address(config.get(RANGE_START)).orElseThrow(),
                Ipv4Net.address(config.get(RANGE_END)).orElseThrow());
    }

    /** The network, or empty if the setting is none. */
    static Optional<Ipv4Net> net(Map<String, String> config) {
        return Ipv4Net.parse(config.getOrDefault(CIDR, ""));
    }

    List<String> addresses() {
        return Ipv4Net.range(rangeStart, rangeEnd);
    }

    static Map<String, String> problems(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>();
        Ipv4Net net = net(config).orElse(null);
        String rangeProblem = net == null
                ? "Write the range as a network address and a prefix length, for example 10.20.0.0/24."
                : problem(net);
        if (!rangeProblem.isEmpty()) {
            problems.put(CIDR, rangeProblem);
        }
        Long start = checked(config, RANGE_START, net, problems);
        Long end = checked(config, RANGE_END, net, problems);
        if (start != null && end != null && start > end) {
            problems.put(RANGE_END, "The last address lies before the first one. Exchange them.");
        }
        return problems;
    }

    private static String problem(Ipv4Net net) {
        if (net.prefix() < WIDEST_PREFIX || net.prefix() > NARROWEST_PREFIX) {
            return "The prefix length must be between /" + WIDEST_PREFIX + " and /" + NARROWEST_PREFIX + ".";
        }
        return net.isUnicast() ? "" : "No machine can have addresses of this range. Choose another one.";
    }

    /** The address in this field if there is nothing to say against it, else null with the problem noted. */
    private static Long checked(Map<String, String> config, String field, Ipv4Net net, Map<String, String> problems) {
        Long address = Ipv4Net.address(config.getOrDefault(field, "")).orElse(null);
        if (address == null) {
            problems.put(field, "Write an IPv4 address, for example 10.20.0.10.");
        } else if (net != null && (!net.contains(address) || address == net.base() || address == net.broadcast())) {
            problems.put(
                    field,
                    "Choose an address within " + net
                            + ", and not its first or last one, which have a meaning of their own.");
        } else if (net != null && address == net.gateway()) {
            problems.put(field, Ipv4Net.text(net.gateway()) + " is the network's gateway. Choose another address.");
        } else {
            return address;
        }
        return null;
    }
}
