package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.hypervisor.network.BridgeNetwork;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The {@code bridge} network with real guests and peers on real bridges. */
@Tag("hypervisor")
class BridgeNetworkLiveTest {
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

    /** One card with DHCP, one with a fixed address, one that is plugged in while the guest runs. */
    @Test
    void connectsAGuestWithItsPeers() throws Exception {
        String inner = lab.bridge();
        String outer = lab.bridge();
        Lab.Peer server = lab.peerOn(inner).at("192.0.2.1/24");
        server.serveDhcp("192.0.2.50", "192.0.2.60");
        Lab.Peer peer = lab.peerOn(outer).at("198.51.100.1/24");
        UUID id = UUID.randomUUID();
        NetworkSpec dhcp = network(Map.of("bridge", inner));
        NetworkSpec fixed = network(withRange(outer));
        NicSpec first = LiveHost.nic(dhcp, 0, id, null);
        NicSpec second = LiveHost.nic(fixed, 1, id, "198.51.100.20");
        assertThat(hypervisor.checkNetwork(dhcp)).isEqualTo(HostCheck.GOOD);
        Guest guest = Guest.start(host, "web-1", first, second);
        LibvirtSchema.assertValid("domain", LiveHost.virsh("dumpxml", id.toString()));
        guest.awaitBoot();

        assertThat(guest.awaitAddress("eth0")).startsWith("192.0.2.");
        assertThat(guest.awaitAddress("eth1")).isEqualTo("198.51.100.20");
        await().until(() -> hypervisor.seenAddress(first).isPresent());
        String address = hypervisor.seenAddress(first).orElseThrow();
        assertThat(address).startsWith("192.0.2.");
        assertThat(hypervisor.seenAddress(second)).contains("198.51.100.20");
        assertThat(guest.reaches("192.0.2.1")).isTrue();
        assertThat(guest.reaches("198.51.100.1")).isTrue();
        assertThat(server.reaches(address)).isTrue();
        assertThat(peer.reaches("198.51.100.20")).isTrue();
        assertThat(guest.must("ip route show default")).contains("via 198.51.100.1 dev eth1");
        assertThat(guest.must("cat /etc/resolv.conf")).contains("198.51.100.53");

        NicSpec third = LiveHost.nic(dhcp, 2, id, null);
        hypervisor.attachNic(third);
        hypervisor.attachNic(third);
        assertThat(guest.awaitAddress("eth2")).startsWith("192.0.2.");
        assertThat(guest.must("cat /sys/class/net/eth2/address")).contains(third.mac());
        await().until(() -> hypervisor.detachNic(third));
        assertThat(guest.run("ip link show eth2").exitCode()).isNotZero();
        assertThat(hypervisor.detachNic(third)).isTrue();
        guest.remove();
    }

    @Test
    @Tag("lab")
    void putsAGuestIntoItsVlanOnly() throws Exception {
        String bridge = lab.bridge();
        Assumptions.assumeTrue(Lab.filterVlans(bridge), "this kernel's bridges can't filter VLANs");
        Lab.Peer friend = vlan(lab.peerOn(bridge), 42).at("198.51.100.1/24");
        Lab.Peer stranger = vlan(lab.peerOn(bridge), 43).at("198.51.100.2/24");
        Lab.Peer untagged = lab.peerOn(bridge).at("198.51.100.3/24");
        Map<String, String> config = withRange(bridge);
        config.put("vlan", "42");
        UUID id = UUID.randomUUID();
        NicSpec nic = LiveHost.nic(network(config), 0, id, "198.51.100.20");
        assertThat(hypervisor.checkNetwork(nic.network())).isEqualTo(HostCheck.GOOD);

        // Started without Berth it has no network at all, until Berth hears of it.
        Guest guest = Guest.startWithoutBerth(host, "web-1", nic).awaitBoot();
        guest.awaitAddress("eth0");
        assertThat(linkState(nic)).isEqualTo("down");
        assertThat(untagged.reaches("198.51.100.20")).isFalse();
        assertThat(friend.reaches("198.51.100.20")).isFalse();

        hypervisor.plugNic(nic);
        hypervisor.plugNic(nic);
        await().until(() -> friend.reaches("198.51.100.20"));
        assertThat(guest.reaches("198.51.100.1")).isTrue();
        assertThat(guest.reaches("198.51.100.2")).isFalse();
        assertThat(stranger.reaches("198.51.100.20")).isFalse();
        assertThat(untagged.reaches("198.51.100.20")).isFalse();
        guest.remove();
    }

    @Test
    @Tag("lab")
    void limitsACardWhileItRuns() {
        String bridge = lab.bridge();
        lab.peerOn(bridge);
        NicSpec nic = LiveHost.nic(network(Map.of("bridge", bridge)), 0, UUID.randomUUID(), null);
        NicSpec limited = with(nic, Map.of("inboundAverage", "1000", "outboundAverage", "500"));
        HostCheck check = hypervisor.checkNetwork(limited.network());
        if (!check.good()) {
            assertThat(check.problems()).singleElement().asString().contains("can't limit", "act_police");
        }
        Assumptions.assumeTrue(check.good(), "this kernel can't limit traffic as libvirt wants");
        DomainSpec machine = host.machine("web-1", limited);
        host.prepare(machine);
        hypervisor.start(nic.machineId());
        String device = LibvirtXml.parse(
                        LiveHost.virsh("dumpxml", nic.machineId().toString()))
                .attribute("devices/interface/target", "dev");
        assertThat(Lab.must("tc", "class", "show", "dev", device)).contains("rate 8Mbit");
        assertThat(Lab.must("tc", "filter", "show", "dev", device, "parent", "ffff:"))
                .contains("rate 4Mbit");

        hypervisor.attachNic(with(nic, Map.of("inboundAverage", "3000", "outboundAverage", "500")));
        assertThat(Lab.must("tc", "class", "show", "dev", device)).contains("rate 24Mbit");
        hypervisor.attachNic(nic);
        assertThat(Lab.must("tc", "class", "show", "dev", device)).doesNotContain("rate 24Mbit");
        host.remove(machine);
    }

    private static NicSpec with(NicSpec nic, Map<String, String> settings) {
        Map<String, String> config = new HashMap<>(nic.network().config());
        config.putAll(settings);
        NetworkSpec network =
                new NetworkSpec(nic.network().profileId(), nic.network().slug(), "bridge", config);
        return new NicSpec(nic.machineId(), network, nic.position(), nic.mac(), nic.address(), nic.hostName());
    }

    /** A card with a VLAN stays off where the bridge would put it among everybody. */
    @Test
    void keepsACardOffWhereNothingFiltersVlans() throws Exception {
        String bridge = lab.bridge();
        lab.peerOn(bridge);
        Map<String, String> config = new HashMap<>(Map.of("bridge", bridge, "vlan", "42"));
        NicSpec nic = LiveHost.nic(network(config), 0, UUID.randomUUID(), null);
        NicSpec plain = LiveHost.nic(network(Map.of("bridge", bridge)), 0, nic.machineId(), null);

        assertThat(hypervisor.checkNetwork(nic.network()).problems())
                .singleElement()
                .asString()
                .contains("does not filter VLANs", "vlan_filtering 1");
        assertThatThrownBy(() -> hypervisor.ensureNetwork(nic.network())).hasMessageContaining("does not filter VLANs");

        DomainSpec machine = host.machine("web-1", nic);
        host.prepare(host.machine("web-1", plain));
        hypervisor.define(machine);
        hypervisor.start(nic.machineId());
        assertThat(linkState(nic)).isEqualTo("down");
        assertThatThrownBy(() -> hypervisor.plugNic(nic)).hasMessageContaining("could not put", "into its VLAN");
        assertThat(linkState(nic)).isEqualTo("down");
        host.remove(machine);
    }

    @Test
    void saysWhatTheBridgeLacks() {
        assertThat(problem("nothere")).contains("has no bridge nothere");
        Lab.Peer peer = lab.peer();
        assertThat(problem(peer.device())).contains("is not a Linux bridge");

        String bridge = lab.bridge();
        HostCheck lonely = hypervisor.checkNetwork(network(Map.of("bridge", bridge)));
        assertThat(lonely.problems()).isEmpty();
        assertThat(lonely.advice()).singleElement().asString().contains("no port to the outer network");

        Lab.must("ip", "link", "set", peer.device(), "master", bridge);
        Lab.must("ip", "address", "add", "192.0.2.77/32", "dev", peer.device());
        Lab.must("ip", "link", "set", bridge, "type", "bridge", "stp_state", "1", "forward_delay", "400");
        HostCheck misused = hypervisor.checkNetwork(network(Map.of("bridge", bridge)));
        assertThat(misused.problems()).isEmpty();
        assertThat(misused.advice())
                .hasSize(2)
                .anySatisfy(advice -> assertThat(advice).contains("first 8 s"))
                .anySatisfy(advice -> assertThat(advice).contains("192.0.2.77", "Move the address to the bridge"));

        Lab.must("ip", "link", "set", bridge, "down");
        assertThat(problem(bridge)).contains("is down", "ip link set " + bridge + " up");
    }

    private String problem(String bridge) {
        return hypervisor.checkNetwork(network(Map.of("bridge", bridge))).problems().stream()
                .findFirst()
                .orElse("");
    }

    private String linkState(NicSpec nic) {
        return LibvirtXml.parse(LiveHost.virsh("dumpxml", nic.machineId().toString()))
                .attribute("devices/interface/link", "state");
    }

    private static Lab.Peer vlan(Lab.Peer peer, int vlan) {
        Lab.must("bridge", "vlan", "add", "dev", peer.device(), "vid", String.valueOf(vlan), "pvid", "untagged");
        Lab.must("bridge", "vlan", "del", "dev", peer.device(), "vid", "1");
        return peer;
    }

    private static Map<String, String> withRange(String bridge) {
        return new HashMap<>(Map.of(
                "bridge",
                bridge,
                "subnet",
                "198.51.100.0/24",
                "gateway",
                "198.51.100.1",
                "dns",
                "198.51.100.53",
                "rangeStart",
                "198.51.100.20",
                "rangeEnd",
                "198.51.100.29"));
    }

    private static NetworkSpec network(Map<String, String> config) {
        Map<String, String> all = new HashMap<>(config);
        all.put("macStart", "52:54:00:00:00:00");
        all.put("macEnd", "52:54:00:ff:ff:ff");
        assertThat(new BridgeNetwork(LiveHost.TEMPLATES).validate(all)).isEmpty();
        return new NetworkSpec(UUID.randomUUID(), "lan", "bridge", all);
    }
}
