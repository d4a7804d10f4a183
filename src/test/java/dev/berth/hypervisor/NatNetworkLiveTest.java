package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.hypervisor.network.DhcpClient;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The {@code nat} network as libvirt and its DHCP server have it. */
@Tag("hypervisor")
class NatNetworkLiveTest {
    private LiveHost host;
    private Hypervisor hypervisor;

    @BeforeEach
    void connect() throws IOException {
        host = new LiveHost();
        hypervisor = host.hypervisor;
    }

    @AfterEach
    void disconnect() throws IOException {
        host.close();
    }

    @Test
    void isThereOnceAndValid() throws IOException {
        assertThat(hypervisor.checkNetwork(host.network).problems()).isEmpty();
        hypervisor.ensureNetwork(host.network);
        hypervisor.ensureNetwork(host.network);
        assertThat(hypervisor.checkNetwork(host.network).problems()).isEmpty();

        String xml = dump();
        LibvirtSchema.assertValid("network", xml);
        assertThat(xml)
                .contains(
                        "<uuid>" + host.network.profileId() + "</uuid>",
                        "address='" + host.subnet + ".1'",
                        "<forward mode='open'/>");
        assertThat(tables()).contains(table());
        assertThat(LiveHost.virsh("net-info", name()))
                .containsPattern("Active: +yes")
                .containsPattern("Autostart: +yes");
        hypervisor.removeNetwork(host.network);
        hypervisor.removeNetwork(host.network);
        assertThat(LiveHost.virsh("net-list", "--all")).doesNotContain(name());
        assertThat(tables()).doesNotContain(table());
    }

    @Test
    void namesTheHostsOwnServicesAmongThePortsToOpen() throws IOException {
        try (ServerSocket service = new ServerSocket(0);
                DatagramSocket other = new DatagramSocket();
                ServerSocket local = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String sentences = String.join(
                    " ", hypervisor.checkNetwork(withPorts("1024-65535")).advice());
            assertThat(sentences)
                    .contains(service.getLocalPort() + "/tcp", other.getLocalPort() + "/udp")
                    .doesNotContain(local.getLocalPort() + "/tcp");
        }
    }

    private NetworkSpec withPorts(String ports) {
        Map<String, String> config = new HashMap<>(host.network.config());
        config.put("forwardPorts", ports);
        return new NetworkSpec(host.network.profileId(), host.network.slug(), "nat", config);
    }

    @Test
    void makesANetworkOfAnOlderBerthAnew() throws IOException {
        defineAsOlderBerthDid("");
        hypervisor.ensureNetwork(host.network);
        assertThat(dump()).contains("<forward mode='open'/>");
        assertThat(LiveHost.virsh("net-dumpxml", "--inactive", name())).contains("<forward mode='open'/>");
        assertThat(tables()).contains(table());
    }

    @Test
    void keepsANetworkOfAnOlderBerthRunningForItsMachines() throws IOException {
        NicSpec nic = nic("web-1", 10);
        defineAsOlderBerthDid("<host mac='%s' name='web-1' ip='%s'/>".formatted(nic.mac(), nic.address()));
        hypervisor.ensureNetwork(host.network);
        hypervisor.ensureNetwork(host.network);

        assertThat(dump()).contains("<forward mode='nat'").contains(nic.mac());
        NicSpec second = nic("web-2", 11);
        hypervisor.ensureNic(nic);
        hypervisor.ensureNic(second);
        assertThat(LiveHost.virsh("net-dumpxml", "--inactive", name()))
                .contains("<forward mode='open'/>")
                .containsOnlyOnce(nic.mac())
                .containsOnlyOnce(second.mac());
        LiveHost.virsh("net-destroy", name());
        hypervisor.ensureNetwork(host.network);
        assertThat(dump()).contains("<forward mode='open'/>", nic.mac(), second.mac());
    }

    private void defineAsOlderBerthDid(String entry) throws IOException {
        Path file = host.directory.resolve("old.xml");
        Files.writeString(
                file,
                """
                <network><name>%s</name><uuid>%s</uuid><forward mode='nat'/><bridge name='bt%s'/>
                <ip address='%s.1' netmask='255.255.255.0'><dhcp><host mac='02:00:00:00:00:01' ip='%4$s.1'/>%s</dhcp></ip>
                </network>"""
                        .formatted(
                                name(),
                                host.network.profileId(),
                                host.network.slug().substring(0, 8),
                                host.subnet,
                                entry));
        LiveHost.virsh("net-define", file.toString());
        LiveHost.virsh("net-start", name());
    }

    private String table() {
        return "berth_net_" + host.network.profileId().toString().substring(0, 8);
    }

    private static String tables() {
        return HostCommand.of("nft", "list", "tables").run().output();
    }

    @Test
    void givesACardItsAddressAndTakesItBack() throws IOException {
        NicSpec nic = nic("web-1", 10);
        hypervisor.ensureNetwork(host.network);
        hypervisor.ensureNic(nic);
        hypervisor.ensureNic(nic);
        assertThat(dump()).containsOnlyOnce(nic.mac()).contains("name='web-1'").contains("ip='" + nic.address() + "'");
        assertThat(hypervisor.seenAddress(nic)).isEmpty();

        ask(nic);
        await().until(() -> hypervisor.seenAddress(nic).isPresent());
        assertThat(hypervisor.seenAddress(nic)).contains(nic.address());

        hypervisor.removeNic(nic);
        hypervisor.removeNic(nic);
        assertThat(dump()).doesNotContain(nic.mac());
        await().until(() -> hypervisor.seenAddress(nic).isEmpty());

        // The address is free for the next machine at once.
        NicSpec next = nic("web-2", 10);
        hypervisor.ensureNic(next);
        ask(next);
        await().until(() -> hypervisor.seenAddress(next).isPresent());
        hypervisor.removeNic(next);
    }

    @Test
    void movesACardToItsNewAddress() throws IOException {
        NicSpec nic = nic("web-1", 10);
        hypervisor.ensureNetwork(host.network);
        hypervisor.ensureNic(nic);
        NicSpec moved = new NicSpec(nic.machineId(), nic.network(), 0, nic.mac(), host.subnet + ".11", "web-1");
        hypervisor.ensureNic(moved);

        assertThat(dump()).containsOnlyOnce(nic.mac()).contains("ip='" + moved.address() + "'");
    }

    @Test
    void leavesANameWithTheFirstWhoHadIt() {
        hypervisor.ensureNetwork(host.network);
        hypervisor.ensureNic(nic("web-1", 10));
        hypervisor.ensureNic(nic("web-1", 11));

        assertThat(dump()).containsOnlyOnce("name='web-1'").contains("ip='" + host.subnet + ".11'");
    }

    @Test
    void refusesWhatWouldGetIntoTheDhcpServersFiles() {
        hypervisor.ensureNetwork(host.network);
        String before = dump();
        for (String name : new String[] {"a\nb", "a,b", "a b", "-a", "a'/><b", "", "a".repeat(64)}) {
            assertThatThrownBy(() -> hypervisor.ensureNic(nic(name, 10))).isInstanceOf(HypervisorException.class);
        }
        NicSpec good = nic("web-1", 10);
        assertThatThrownBy(() -> hypervisor.ensureNic(
                        new NicSpec(good.machineId(), good.network(), 0, "52:54:00:12:34", good.address(), "web-1")))
                .hasMessageContaining("MAC");
        assertThatThrownBy(() -> hypervisor.ensureNic(
                        new NicSpec(good.machineId(), good.network(), 0, good.mac(), "192.168.1.1", "web-1")))
                .hasMessageContaining("range");
        assertThat(dump()).isEqualTo(before);
    }

    @Test
    void refusesARangeThatIsInUse() {
        hypervisor.ensureNetwork(host.network);
        NetworkSpec other = new NetworkSpec(
                UUID.randomUUID(),
                host.network.slug() + "x",
                "nat",
                Map.of(
                        "cidr",
                        host.subnet + ".128/25",
                        "rangeStart",
                        host.subnet + ".130",
                        "rangeEnd",
                        host.subnet + ".140"));

        assertThat(hypervisor.checkNetwork(other).problems())
                .hasSize(1)
                .first()
                .asString()
                .contains("overlaps", name());
        assertThatThrownBy(() -> hypervisor.ensureNetwork(other))
                .isInstanceOfSatisfying(HypervisorException.class, failure -> assertThat(failure.retryable())
                        .isFalse())
                .hasMessageContaining("Choose another range");
        assertThat(LiveHost.virsh("net-list", "--all")).doesNotContain(other.slug());
    }

    @Test
    void takesANewRangeOnlyWhileNobodyIsOnTheNetwork() {
        hypervisor.ensureNetwork(host.network);
        NetworkSpec changed = new NetworkSpec(
                host.network.profileId(),
                host.network.slug(),
                "nat",
                Map.of(
                        "cidr",
                        host.subnet + ".0/25",
                        "rangeStart",
                        host.subnet + ".10",
                        "rangeEnd",
                        host.subnet + ".99"));
        hypervisor.ensureNetwork(changed);
        assertThat(dump()).contains("255.255.255.128");

        hypervisor.ensureNic(nic("web-1", 10));
        assertThatThrownBy(() -> hypervisor.ensureNetwork(host.network)).hasMessageContaining("machines use it");
        assertThat(dump()).contains("255.255.255.128");
    }

    private NicSpec nic(String hostName, int lastOctet) {
        UUID id = UUID.randomUUID();
        String mac = "52:54:00:" + id.toString().substring(0, 6).replaceAll("(..)(?=.)", "$1:");
        return new NicSpec(id, host.network, 0, mac, host.subnet + "." + lastOctet, hostName);
    }

    private void ask(NicSpec nic) throws IOException {
        String bridge = LibvirtXml.parse(dump()).attribute("bridge", "name");
        DhcpClient.request(bridge, host.subnet + ".1", nic.mac(), nic.address());
    }

    private String dump() {
        return LiveHost.virsh("net-dumpxml", name());
    }

    private String name() {
        return "berth-" + host.network.slug();
    }
}
