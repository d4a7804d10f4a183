package dev.berth.hypervisor.network;

import java.util.List;

/** The route to a {@code routed} network that somebody has to add to the outer network's router, for copying. */
public final class Routes {
    /** The fact of a host's check that says which of the host's addresses the route leads to. */
    public static final String NEXT_HOP = "nextHop";

    /** The fact of a host's check that says whether the route is there: one of the three below. */
    public static final String ROUTE = "route";

    public static final String THERE = "there";
    public static final String MISSING = "missing";
    public static final String UNKNOWN = "unknown";

    private Routes() {}

    /** @param router whose language the line is in */
    public record Line(String router, String line) {}

    /**
     * The same route in the words of common routers.
     *
     * @param cidr the network, {@code 10.30.0.0/24}
     * @param nextHop the host's address on the outer network
     * @throws java.util.NoSuchElementException for what is no network
     */
    public static List<Line> lines(String cidr, String nextHop) {
        Ipv4Net net = Ipv4Net.parse(cidr).orElseThrow();
        String mask = Ipv4Net.text(net.base()) + " " + net.netmask();
        return List.of(
                new Line("Linux", linux(net, nextHop)),
                new Line("Cisco IOS", "ip route " + mask + " " + nextHop),
                new Line("Juniper Junos", "set routing-options static route " + net + " next-hop " + nextHop),
                new Line("MikroTik RouterOS", "/ip route add dst-address=" + net + " gateway=" + nextHop),
                new Line("FRRouting", "ip route " + net + " " + nextHop),
                new Line("VyOS", "set protocols static route " + net + " next-hop " + nextHop));
    }

    static String linux(Ipv4Net net, String nextHop) {
        return "ip route add " + net + " via " + nextHop;
    }
}
