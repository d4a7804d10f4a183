package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.hypervisor.network.OvsNetwork;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The {@code ovs} network with a real guest and peers on a real switch: in user space, in the lab in the kernel. */
@Tag("hypervisor")
class OvsNetworkLiveTest {
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

    /** One guest with three cards: in VLAN 42; a trunk of 42 and 43 with tags; the same with 43 as the native one. */
    @Test
    @Tag("lab")
    void keepsVlansApart() throws Exception {
        String bridge = lab.openVSwitch();
        Lab.Peer in42 = lab.peerOnOpenVSwitch(bridge, "tag=42")
                .at("10.42.0.1/24")
                .at("10.42.1.1/24")
                .at("10.42.2.3/24")
                .at("10.42.3.2/24");
        Lab.Peer in43 = lab.peerOnOpenVSwitch(bridge, "tag=43")
                .at("10.42.0.2/24")
                .at("10.42.1.3/24")
                .at("10.42.2.1/24")
                .at("10.42.3.1/24");
        UUID id = UUID.randomUUID();
        NicSpec access = nic(id, 0, bridge, Map.of("vlan", "42", "profileid", "web"));
        NicSpec trunk = nic(id, 1, bridge, Map.of("trunk", "42, 43"));
        NicSpec mixed = nic(id, 2, bridge, Map.of("trunk", "42, 43", "nativeVlan", "43"));
        assertThat(hypervisor.checkNetwork(access.network())).isEqualTo(HostCheck.GOOD);
        Guest guest = Guest.start(host, "web-1", access, trunk, mixed);
        LibvirtSchema.assertValid("domain", LiveHost.virsh("dumpxml", id.toString()));
        guest.awaitBoot();

        assertThat(guest.awaitAddress("eth0")).isEqualTo("10.42.0.10");
        assertThat(guest.reaches("10.42.0.1")).isTrue();
        assertThat(in42.reaches("10.42.0.10")).isTrue();
        assertThat(guest.reaches("10.42.0.2")).isFalse();
        assertThat(in43.reaches("10.42.0.10")).isFalse();

        guest.must("ip link add link eth1 name eth1.42 type vlan id 42; ip link set eth1.42 up;"
                + " ip link add link eth1 name eth1.43 type vlan id 43; ip link set eth1.43 up;"
                + " ip address flush dev eth1;"
                + " ip address add 10.42.1.10/24 dev eth1.42; ip address add 10.42.2.10/24 dev eth1.43");
        assertThat(guest.reaches("10.42.1.1")).isTrue();
        assertThat(guest.reaches("10.42.2.1")).isTrue();
        assertThat(guest.reaches("10.42.1.3")).isFalse();
        assertThat(guest.reaches("10.42.2.3")).isFalse();

        assertThat(guest.awaitAddress("eth2")).isEqualTo("10.42.3.10");
        assertThat(guest.reaches("10.42.3.1")).isTrue();
        assertThat(guest.reaches("10.42.3.2")).isFalse();

        limits(access, bridge);
        guest.remove();
    }

    /** The network team's tools find the port by its profile, and its limits follow the profile's while it runs. */
    private void limits(NicSpec nic, String bridge) {
        String device =
                LibvirtXml.parse(LiveHost.virsh("dumpxml", nic.machineId().toString()))
                        .all("devices/interface")
                        .stream()
                        .map(LibvirtXml::new)
                        .filter(card -> card.attribute("mac", "address").equals(nic.mac()))
                        .map(card -> card.attribute("target", "dev"))
                        .findFirst()
                        .orElseThrow();
        assertThat(Lab.must("ovs-vsctl", "--timeout=10", "get", "interface", device, "external_ids"))
                .contains("port-profile=web", "attached-mac=\"" + nic.mac() + "\"");
        assertThat(classes(device)).isEmpty();

        hypervisor.attachNic(limited(nic, "1000"));
        await().untilAsserted(() -> assertThat(classes(device)).contains("ceil 8Mbit"));
        hypervisor.attachNic(limited(nic, "3000"));
        await().untilAsserted(() -> assertThat(classes(device)).contains("ceil 24Mbit"));
        assertThat(LiveHost.virsh("domiftune", nic.machineId().toString(), device))
                .containsPattern("inbound.average: +3000");
        hypervisor.attachNic(nic);
        await().untilAsserted(() -> assertThat(classes(device)).doesNotContain("ceil 24Mbit"));
    }

    private static String classes(String device) {
        return Lab.must("tc", "class", "show", "dev", device);
    }

    private NicSpec limited(NicSpec nic, String average) {
        Map<String, String> config = new HashMap<>(nic.network().config());
        config.put("inboundAverage", average);
        NetworkSpec network =
                new NetworkSpec(nic.network().profileId(), nic.network().slug(), "ovs", config);
        return new NicSpec(nic.machineId(), network, nic.position(), nic.mac(), nic.address(), nic.hostName());
    }

    @Test
    void saysWhatTheSwitchLacks() {
        assertThat(problem("nothere")).contains("no Open vSwitch bridge nothere", "ovs-vsctl add-br nothere");
        String linux = lab.bridge();
        assertThat(problem(linux)).contains("no Open vSwitch bridge " + linux);
        assertThat(problem(lab.openVSwitch())).isEmpty();
    }

    private String problem(String bridge) {
        return hypervisor.checkNetwork(network(Map.of("bridge", bridge))).problems().stream()
                .findFirst()
                .orElse("");
    }

    private static NicSpec nic(UUID id, int position, String bridge, Map<String, String> settings) {
        String subnet = "10.42." + (position == 2 ? 3 : position);
        Map<String, String> config = new HashMap<>(settings);
        config.put("bridge", bridge);
        config.put("subnet", subnet + ".0/24");
        config.put("rangeStart", subnet + ".10");
        config.put("rangeEnd", subnet + ".19");
        return LiveHost.nic(network(config), position, id, subnet + ".10");
    }

    private static NetworkSpec network(Map<String, String> config) {
        Map<String, String> all = new HashMap<>(config);
        all.put("macStart", "52:54:00:00:00:00");
        all.put("macEnd", "52:54:00:ff:ff:ff");
        assertThat(new OvsNetwork(LiveHost.TEMPLATES).validate(all)).isEmpty();
        return new NetworkSpec(UUID.randomUUID(), "lan", "ovs", all);
    }
}
