package dev.berth.hypervisor.network;

import dev.berth.hypervisor.GuestAddress;
import dev.berth.hypervisor.KindField;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Addresses of an outer network that Berth hands out itself: for kinds that plug machines into a network somebody else
 * runs. Without a range its own DHCP server gives the addresses.
 *
 * @param gateway null for none
 */
record OuterRange(Ipv4Net net, Long gateway, List<String> dns, long first, long last) {
    static final String SUBNET = "subnet";
    static final String GATEWAY = "gateway";
    static final String DNS = "dns";
    static final String START = "rangeStart";
    static final String END = "rangeEnd";

    private static final int WIDEST_RANGE = 1 << 16;

    static final List<KindField> FIELDS = Stream.of(
                    KindField.optional(
                            SUBNET,
                            "Subnet",
                            "Only if Berth is to give machines fixed addresses of the outer network. Empty: its DHCP server does.",
                            "192.0.2.0/24"),
                    KindField.optional(GATEWAY, "Gateway", "The subnet's router. Empty for none.", "192.0.2.1")
                            .changeable(),
                    KindField.optional(DNS, "Name servers", "With commas between them.", "192.0.2.53, 192.0.2.54")
                            .changeable(),
                    KindField.optional(
                                    START,
                                    "First address for machines",
                                    "Nobody else may give out addresses from here on, the DHCP server neither.",
                                    "192.0.2.100")
                            .changeable(),
                    KindField.optional(
                                    END,
                                    "Last address for machines",
                                    "Machines get addresses up to here.",
                                    "192.0.2.199")
                            .changeable())
            .map(field -> field.in("Fixed addresses"))
            .toList();

    /** The range in these settings, which have no {@link #problems}, or empty when the outer DHCP server is to do it. */
    static Optional<OuterRange> of(Map<String, String> config) {
        return Ipv4Net.parse(config.getOrDefault(SUBNET, ""))
                .map(net -> new OuterRange(
                        net,
                        Ipv4Net.address(config.getOrDefault(GATEWAY, "")).orElse(null),
                        servers(config),
                        Ipv4Net.address(config.get(START)).orElseThrow(),
                        Ipv4Net.address(config.get(END)).orElseThrow()));
    }

    private static List<String> servers(Map<String, String> config) {
        return Stream.of(config.getOrDefault(DNS, "").split(","))
                .map(String::strip)
                .filter(server -> !server.isEmpty())
                .toList();
    }

    List<String> addresses() {
        return Ipv4Net.range(first, last);
    }

    GuestAddress guestAddress(String address) {
        return new GuestAddress(address + "/" + net.prefix(), gateway == null ? null : Ipv4Net.text(gateway), dns);
    }

    static Map<String, String> problems(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>();
        Set<String> all = Set.of(SUBNET, GATEWAY, DNS, START, END);
        if (all.stream().allMatch(field -> config.getOrDefault(field, "").isEmpty())) {
            return problems;
        }
        Ipv4Net net = Ipv4Net.parse(config.getOrDefault(SUBNET, "")).orElse(null);
        if (net == null || net.prefix() > 30) {
            problems.put(
                    SUBNET,
                    "Write the subnet as a network address and a prefix length up to /30: 192.0.2.0/24. Or leave all of these empty.");
            net = null;
        }
        if (!config.getOrDefault(GATEWAY, "").isEmpty()) {
            within(config, GATEWAY, net, problems);
        }
        if (servers(config).stream().anyMatch(server -> Ipv4Net.address(server).isEmpty())) {
            problems.put(DNS, "Write IPv4 addresses with commas between them.");
        }
        Long start = within(config, START, net, problems);
        Long end = within(config, END, net, problems);
        if (start != null && end != null) {
            order(start, end, Ipv4Net.address(config.getOrDefault(GATEWAY, "")).orElse(null), problems);
        }
        return problems;
    }

    private static void order(long start, long end, Long gateway, Map<String, String> problems) {
        if (start > end) {
            problems.put(END, "The last address lies before the first one. Exchange them.");
        } else if (end - start >= WIDEST_RANGE) {
            problems.put(END, "Use at most " + WIDEST_RANGE + " addresses.");
        } else if (gateway != null && gateway >= start && gateway <= end) {
            problems.put(START, "The gateway lies in the range. Choose a range without it.");
        }
    }

    private static Long within(Map<String, String> config, String field, Ipv4Net net, Map<String, String> problems) {
        Long address = Ipv4Net.address(config.getOrDefault(field, "")).orElse(null);
        if (address == null) {
            problems.put(field, "Write an IPv4 address, for example 192.0.2.100.");
        } else if (net != null && (!net.contains(address) || address == net.base() || address == net.broadcast())) {
            problems.put(field, "Choose an address within " + net + ", and not its first or last one.");
            return null;
        }
        return address;
    }
}
