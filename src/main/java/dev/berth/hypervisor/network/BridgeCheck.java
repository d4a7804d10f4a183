package dev.berth.hypervisor.network;

import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What stands between a Linux bridge and machines on it. */
final class BridgeCheck {
    private static final Path NETFILTER = Path.of("/proc/sys/net/bridge/bridge-nf-call-iptables");
    private static final long CENTISECONDS = 100;

    private final String host;
    private final HostDevice bridge;
    private final Optional<Integer> vlan;
    private final List<String> problems = new ArrayList<>();
    private final List<String> advice = new ArrayList<>();

    BridgeCheck(String host, HostDevice bridge, Optional<Integer> vlan) {
        this.host = host;
        this.bridge = bridge;
        this.vlan = vlan;
    }

    HostCheck run(Map<String, String> config) {
        if (!bridge.exists()) {
            problems.add("Host " + host + " has no bridge " + bridge.name()
                    + ". Make it there, or name another one in the network profile.");
        } else if (!bridge.isLinuxBridge()) {
            problems.add(bridge.name() + " on host " + host + " is not a Linux bridge."
                    + " Name a bridge, or choose the kind of network that fits it.");
        } else {
            settings();
            uplinks();
            netfilter();
        }
        problems.addAll(Isolation.problemsOn(host, config));
        problems.addAll(Bandwidth.problemsOn(host, config));
        return new HostCheck(problems, advice);
    }

    private void settings() {
        String name = bridge.name();
        if (!bridge.isUp()) {
            problems.add(
                    "Bridge " + name + " on host " + host + " is down. Run \"ip link set " + name + " up\" there.");
        }
        if (vlan.isPresent() && !BridgeVlans.filters(bridge)) {
            problems.add("Bridge " + name + " on host " + host + " does not filter VLANs. Run \"ip link set " + name
                    + " type bridge vlan_filtering 1\" there, or leave the profile's VLAN empty.");
        }
        String delay = bridge.read("bridge/forward_delay");
        if (bridge.read("bridge/stp_state").equals("1") && !delay.isEmpty() && !delay.equals("0")) {
            // A port listens for one delay and learns for another before it forwards.
            advice.add("Bridge " + name + " on host " + host + " runs the spanning tree protocol: machines have no"
                    + " network for their first " + 2 * Long.parseLong(delay) / CENTISECONDS + " s. Set its forward"
                    + " delay to 0, or turn the protocol off where no loop can arise.");
        }
    }

    private void uplinks() {
        List<HostDevice> uplinks =
                bridge.ports().stream().filter(port -> !port.isTap()).toList();
        if (uplinks.isEmpty()) {
            advice.add("Bridge " + bridge.name() + " on host " + host + " has no port to the outer network: machines"
                    + " reach each other and the host only. Add one: \"ip link set eth1 master " + bridge.name()
                    + "\".");
        }
        for (HostDevice uplink : uplinks) {
            uplink.ipv4()
                    .ifPresent(address -> advice.add("Host " + host + " has its own address " + address + " on "
                            + uplink.name() + ", which is a port of bridge " + bridge.name()
                            + " and hears nothing as such. Move the address to the bridge."));
        }
        if (vlan.isPresent()
                && !uplinks.isEmpty()
                && uplinks.stream().noneMatch(uplink -> carries(uplink, vlan.get()))) {
            HostDevice uplink = uplinks.get(0);
            advice.add("No port of bridge " + bridge.name() + " on host " + host + " takes VLAN " + vlan.get()
                    + " outside. Run \"bridge vlan add dev " + uplink.name() + " vid " + vlan.get() + "\" there.");
        }
    }

    private static boolean carries(HostDevice uplink, int vlan) {
        return BridgeVlans.of(uplink.name()).orElse(List.of()).contains(vlan);
    }

    /** Docker for one sets this up so, and machines' frames then vanish without a trace. */
    private void netfilter() {
        try {
            if (Files.exists(NETFILTER)
                    && Files.readString(NETFILTER).strip().equals("1")
                    && HostCommand.of("iptables", "-S", "FORWARD")
                            .run()
                            .output()
                            .startsWith("-P FORWARD DROP")) {
                advice.add("Host " + host + " sends bridged frames through its iptables rules, which drop what they"
                        + " don't know. Set net.bridge.bridge-nf-call-iptables to 0 with sysctl, or accept what"
                        + " passes bridge " + bridge.name() + ".");
            }
        } catch (IOException | HypervisorException e) {
            // No iptables or no such setting: nothing drops anything.
        }
    }
}
