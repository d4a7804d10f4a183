package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.hypervisor.network.MacvtapNetwork;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The {@code macvtap} network with real guests; each device is one end of a wire whose other end a peer has. */
@Tag("hypervisor")
class MacvtapNetworkLiveTest {
    private Lab lab;
    private LiveHost host;
    private Hypervisor hypervisor;

    @BeforeEach
    void connect() throws IOException {
        lab = new Lab();
        host = new LiveHost();
        hypervisor = host.hypervisor;
    }

    @AfterEach
    void disconnect() throws IOException {
        host.close();
        lab.close();
    }

    /** Two guests with a card in each of three modes, each mode on a device and a subnet of its own. */
    @Test
    void connectsGuestsAsTheModeSays() throws Exception {
        Lab.Peer onBridge = lab.peer().at("10.43.0.1/24");
        Lab.Peer onPrivate = lab.peer().at("10.43.1.1/24");
        Lab.Peer onVepa = lab.peer().at("10.43.2.1/24");
        NetworkSpec bridge = network(onBridge, "bridge", 0);
        NetworkSpec apart = network(onPrivate, "private", 1);
        NetworkSpec vepa = network(onVepa, "vepa", 2);
        assertThat(hypervisor.checkNetwork(bridge)).isEqualTo(HostCheck.GOOD);
        Guest one = start("one", 10, bridge, apart, vepa);
        Guest two = start("two", 11, bridge, apart, vepa);
        LibvirtSchema.assertValid(
                "domain", LiveHost.virsh("dumpxml", one.machine().machineId().toString()));
        one.awaitBoot();
        two.awaitBoot();
        assertThat(one.awaitAddress("eth2")).isEqualTo("10.43.2.10");
        assertThat(two.awaitAddress("eth2")).isEqualTo("10.43.2.11");

        assertThat(one.reaches("10.43.0.1")).isTrue();
        assertThat(onBridge.reaches("10.43.0.10")).isTrue();
        assertThat(one.reaches("10.43.0.11")).isTrue();

        assertThat(one.reaches("10.43.1.1")).isTrue();
        assertThat(onPrivate.reaches("10.43.1.11")).isTrue();
        assertThat(one.reaches("10.43.1.11")).isFalse();

        assertThat(one.reaches("10.43.2.1")).isTrue();
        Lab.Running seen = onVepa.start("tcpdump", "-n", "-e", "-c", "1", "-i", "eth0", "arp host 10.43.2.11");
        assertThat(one.reaches("10.43.2.11")).isFalse();
        assertThat(seen.output(20)).contains(one.machine().nics().get(2).mac(), "who-has 10.43.2.11");
        one.remove();
        two.remove();
    }

    @Test
    void givesAWholeDeviceToOneMachineOnly() throws Exception {
        Lab.Peer peer = lab.peer();
        NetworkSpec network = network(peer, "passthrough", 0);
        NicSpec first = LiveHost.nic(network, 0, UUID.randomUUID(), "10.43.0.10");
        NicSpec second = LiveHost.nic(network, 0, UUID.randomUUID(), "10.43.0.11");
        DomainSpec one = host.machine("one", first);
        DomainSpec two = host.machine("two", second);
        host.prepare(one);
        host.prepare(two);
        hypervisor.start(first.machineId());
        hypervisor.ensureNetwork(network);
        hypervisor.ensureNic(first);
        assertThat(hypervisor.checkNetwork(network)).isEqualTo(HostCheck.GOOD);

        assertThatThrownBy(() -> hypervisor.ensureNic(second))
                .isInstanceOf(HypervisorException.class)
                .hasMessageContaining("is taken by another machine");
        assertThatThrownBy(() -> hypervisor.start(second.machineId())).isInstanceOf(HypervisorException.class);
        assertThat(hypervisor.state(second.machineId())).contains(DomainState.STOPPED);

        hypervisor.powerOff(first.machineId());
        hypervisor.ensureNic(second);
        hypervisor.start(second.machineId());
        assertThat(hypervisor.state(second.machineId())).contains(DomainState.RUNNING);
        host.remove(one);
        host.remove(two);
    }

    @Test
    void saysWhatTheDeviceLacks() {
        Lab.Peer peer = lab.peer();
        String device = peer.device();
        assertThat(problem("nothere", "bridge")).contains("has no device nothere");
        assertThat(problem("lo", "bridge")).contains("no Ethernet device");
        assertThat(problem(device, "passthrough")).isEmpty();

        Lab.must("ip", "link", "add", "link", device, "name", device + "t", "type", "macvtap", "mode", "bridge");
        Lab.must("ip", "link", "set", device + "t", "address", "02:00:00:00:00:01");
        assertThat(problem(device, "bridge")).isEmpty();
        assertThat(problem(device, "passthrough")).contains("in use by " + device + "t");
        Lab.must("ip", "link", "delete", device + "t");

        String bridge = lab.bridge();
        Lab.must("ip", "link", "set", device, "master", bridge);
        assertThat(problem(device, "bridge")).contains("is a port of " + bridge);
        Lab.must("ip", "link", "set", device, "nomaster");
        Lab.must("ip", "link", "set", device, "down");
        assertThat(problem(device, "bridge")).contains("is down", "ip link set " + device + " up");
    }

    private String problem(String device, String mode) {
        return hypervisor.checkNetwork(network(Map.of("dev", device, "mode", mode))).problems().stream()
                .findFirst()
                .orElse("");
    }

    private Guest start(String name, int lastOctet, NetworkSpec... networks) {
        UUID id = UUID.randomUUID();
        NicSpec[] nics = new NicSpec[networks.length];
        for (int position = 0; position < nics.length; position++) {
            nics[position] = LiveHost.nic(networks[position], position, id, "10.43." + position + "." + lastOctet);
        }
        return Guest.start(host, name, nics);
    }

    private static NetworkSpec network(Lab.Peer peer, String mode, int subnet) {
        return network(Map.of(
                "dev",
                peer.device(),
                "mode",
                mode,
                "subnet",
                "10.43." + subnet + ".0/24",
                "rangeStart",
                "10.43." + subnet + ".10",
                "rangeEnd",
                "10.43." + subnet + ".19"));
    }

    private static NetworkSpec network(Map<String, String> config) {
        Map<String, String> all = new HashMap<>(config);
        all.put("macStart", "52:54:00:00:00:00");
        all.put("macEnd", "52:54:00:ff:ff:ff");
        assertThat(new MacvtapNetwork(LiveHost.TEMPLATES).validate(all)).isEmpty();
        return new NetworkSpec(UUID.randomUUID(), "lan", "macvtap", all);
    }
}
