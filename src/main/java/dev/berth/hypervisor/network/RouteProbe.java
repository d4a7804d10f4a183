package dev.berth.hypervisor.network;

import dev.berth.hypervisor.HypervisorException;
import java.util.HashMap;
import java.util.Map;

/**
 * Whether the outer network has a route to a {@code routed} network: somebody out there is asked from the network's
 * own gateway, and if no answer comes back, from the host's address there.
 */
final class RouteProbe {
    /**
     * @param route one of the values of {@link Routes#ROUTE}
     * @param nextHop the host's address that the route leads to, or empty if nobody can tell
     * @param advice a sentence that says what to do, or empty when the route is there
     */
    record Verdict(String route, String nextHop, String advice) {
        Map<String, String> facts() {
            Map<String, String> facts = new HashMap<>(Map.of(Routes.ROUTE, route));
            if (!nextHop.isEmpty()) {
                facts.put(Routes.NEXT_HOP, nextHop);
            }
            return facts;
        }
    }

    private final String host;
    private final Ipv4Net net;
    private final String target;
    private final String nextHop;

    /**
     * @param nextHop the profile's, or empty for the address by which the host reaches the target
     * @param target the profile's, or empty for the default route's gateway
     */
    RouteProbe(String host, Ipv4Net net, String nextHop, String target) {
        this.host = host;
        this.net = net;
        this.target = target.isEmpty() ? HostRoutes.gateway().orElse("") : target;
        this.nextHop = nextHop.isEmpty() && !this.target.isEmpty()
                ? HostRoutes.source(this.target).orElse("")
                : nextHop;
    }

    /** @param up whether the network's gateway is there to ask from */
    Verdict run(boolean up) {
        if (nextHop.isEmpty() || target.isEmpty()) {
            return unknown("Host " + host + " has no default route, so that Berth can't tell by which address others"
                    + " reach it. Set the next hop and the probe target in the network profile.");
        }
        if (HostRoutes.isOwnAddress(target)) {
            return unknown("The probe target " + target + " is host " + host
                    + "'s own address, which always answers. Choose another one. " + route());
        }
        if (!up) {
            return unknown("Network " + net + " starts on host " + host
                    + " with its first machine; only then it can be tried whether the route is there. " + route());
        }
        try {
            return ask();
        } catch (HypervisorException e) {
            return unknown(e.getMessage() + " " + route());
        }
    }

    private Verdict ask() {
        if (HostRoutes.answers(target, Ipv4Net.text(net.gateway()))) {
            return new Verdict(Routes.THERE, nextHop, "");
        }
        // By its address towards the target, which need not be the profile's next hop.
        String own = HostRoutes.source(target).orElse(nextHop);
        if (HostRoutes.answers(target, own)) {
            return new Verdict(
                    Routes.MISSING,
                    nextHop,
                    target + " answers host " + host + " but not network " + net
                            + ": the outer network has no route back to it. " + route());
        }
        return unknown(target + " answers neither host " + host + " nor network " + net
                + ", so that it says nothing about the route. Choose a probe target that answers pings. " + route());
    }

    private Verdict unknown(String advice) {
        return new Verdict(Routes.UNKNOWN, nextHop, advice);
    }

    private String route() {
        return "On the router of the outer network run: " + Routes.linux(net, nextHop);
    }
}
