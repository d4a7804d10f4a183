package dev.berth.hypervisor.network;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** The VLANs of a Linux bridge's ports, through iproute2's bridge(8). */
final class BridgeVlans {
    private static final Logger LOG = Logger.getLogger(BridgeVlans.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private BridgeVlans() {}

    /** Makes this the port's only VLAN, whose frames go without tags. A bridge that filters none would not mind. */
    static void put(String host, HostDevice bridge, String port, int vlan) {
        if (!filters(bridge)) {
            throw failure(host, port);
        }
        List<HostCommand.Result> results = new ArrayList<>();
        results.add(run("vlan", "add", "dev", port, "vid", String.valueOf(vlan), "pvid", "untagged"));
        for (int other : of(port).orElse(List.of())) {
            if (other != vlan) {
                results.add(run("vlan", "del", "dev", port, "vid", String.valueOf(other)));
            }
        }
        // Somebody else may be at it as well: what counts is how the port is now.
        if (!of(port).equals(Optional.of(List.of(vlan)))) {
            results.forEach(result -> LOG.errorf("VLAN %d of port %s: bridge(8) says %s", vlan, port, result.errors()));
            throw failure(host, port);
        }
    }

    static boolean filters(HostDevice bridge) {
        return bridge.read("bridge/vlan_filtering").equals("1");
    }

    private static HypervisorException failure(String host, String port) {
        return new HypervisorException(
                Reason.FAILED,
                "Host " + host + " could not put the machine's port " + port
                        + " into its VLAN, so its network stays off."
                        + " Check that the bridge still filters VLANs; this is tried again.");
    }

    /** The VLANs that the port carries, or empty when that can't be found out. */
    static Optional<List<Integer>> of(String port) {
        HostCommand.Result result = run("-json", "vlan", "show", "dev", port);
        if (!result.succeeded()) {
            return Optional.empty();
        }
        try {
            List<Integer> vlans = new ArrayList<>();
            for (JsonNode device : JSON.readTree(result.output())) {
                for (JsonNode range : device.path("vlans")) {
                    int first = range.path("vlan").asInt();
                    for (int vlan = first; vlan <= range.path("vlanEnd").asInt(first); vlan++) {
                        vlans.add(vlan);
                    }
                }
            }
            return Optional.of(vlans);
        } catch (JsonProcessingException e) {
            LOG.errorf(e, "bridge(8) wrote what can't be read");
            return Optional.empty();
        }
    }

    private static HostCommand.Result run(String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "bridge";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return HostCommand.of(command).run();
    }
}
