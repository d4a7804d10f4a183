package dev.berth.hypervisor.network;

import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import java.util.List;

/** What stands between an Open vSwitch bridge and machines on it. */
final class OvsCheck {
    /** ovs-vsctl waits for the switch for ever unless told. */
    private static final String PATIENCE = "--timeout=5";

    private static final int NO_BRIDGE = 2;
    private static final String START = "Start it: \"systemctl start openvswitch-switch\", or ovs-ctl start.";

    private OvsCheck() {}

    static List<String> problems(String host, HostDevice bridge) {
        try {
            return answers(host, bridge);
        } catch (HypervisorException e) {
            return List.of("Host " + host + " has no Open vSwitch: ovs-vsctl can't be run there."
                    + " Install the package openvswitch-switch.");
        }
    }

    private static List<String> answers(String host, HostDevice bridge) {
        String name = bridge.name();
        HostCommand.Result exists =
                HostCommand.of("ovs-vsctl", PATIENCE, "br-exists", name).run();
        if (exists.exitCode() == NO_BRIDGE) {
            return List.of(
                    "Host " + host + " has no Open vSwitch bridge " + name + ". Make it there: \"ovs-vsctl add-br "
                            + name + "\", or name another one in the network profile.");
        }
        if (!exists.succeeded()) {
            return List.of("Open vSwitch's database does not answer on host " + host + ". " + START);
        }
        if (!HostCommand.of("ovs-appctl", "--timeout=5", "-t", "ovs-vswitchd", "version")
                .run()
                .succeeded()) {
            return List.of("Open vSwitch's switch (ovs-vswitchd) does not answer on host " + host + ". " + START);
        }
        // Both data paths show the bridge as a device once it works.
        return bridge.exists()
                ? List.of()
                : List.of("Bridge " + name + " is in Open vSwitch's database on host " + host + " but the switch could"
                        + " not make it" + dataPath(name) + ".");
    }

    private static String dataPath(String name) {
        HostCommand.Result type = HostCommand.of("ovs-vsctl", PATIENCE, "get", "bridge", name, "datapath_type")
                .run();
        return type.output().contains("netdev")
                ? ". See the switch's log, ovs-vswitchd.log"
                : ": the kernel has no Open vSwitch that matches. Install its module, or use the data path in user"
                        + " space: \"ovs-vsctl set bridge " + name + " datapath_type=netdev\"";
    }
}
