package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.hypervisor.ForwardSpec.Protocol;
import dev.berth.testing.Namespace;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Open ports as packets meet them: a peer outside, and namespaces on the network in the place of guests. */
@Tag("hypervisor")
class PortForwardsLiveTest {
    private static final int PORT = 40_000 + ThreadLocalRandom.current().nextInt(9_000);

    private LiveHost host;
    private Namespace peer;
    private Namespace web;
    private Namespace neighbour;
    private String outside;

    @BeforeEach
    void connect() throws IOException {
        host = new LiveHost();
        host.hypervisor.ensureNetwork(host.network);
        String bridge = LibvirtXml.parse(LiveHost.virsh("net-dumpxml", "berth-" + host.network.slug()))
                .attribute("bridge", "name");
        outside = "172.30." + ThreadLocalRandom.current().nextInt(256);
        peer = Namespace.beside(outside + ".1", outside + ".2");
        web = Namespace.on(bridge, host.subnet + ".1", host.subnet + ".10");
        neighbour = Namespace.on(bridge, host.subnet + ".1", host.subnet + ".11");
        for (String protocol : List.of("tcp", "udp")) {
            web.ask("serve", protocol, 80, "web");
            web.ask("serve", protocol, 81, "secret");
            neighbour.ask("serve", protocol, 80, "neighbour");
            peer.ask("serve", protocol, 90, "peer");
        }
    }

    @AfterEach
    void disconnect() throws IOException {
        for (Namespace namespace : new Namespace[] {peer, web, neighbour}) {
            if (namespace != null) {
                namespace.close();
            }
        }
        NftTable.of("fwd", LiveHost.INSTALLATION).remove();
        host.close();
        assertThat(nft("list", "tables"))
                .doesNotContain(NftTable.of("net", host.network.profileId()).name());
    }

    @Test
    void leadsToThePortThatWasOpenedAndToNoOther() {
        open(tcp(PORT, 10, 80), udp(PORT + 1, 10, 80));

        assertThat(peer.ask("tcp", outside + ".1", PORT)).isEqualTo("web saw " + outside + ".2");
        assertThat(peer.ask("udp", outside + ".1", PORT + 1)).isEqualTo("web saw " + outside + ".2");

        assertThat(peer.ask("udp", outside + ".1", PORT))
                .as("the other protocol")
                .isEqualTo("refused");
        assertThat(peer.ask("tcp", outside + ".1", PORT + 2)).isEqualTo("refused");
        assertThat(peer.ask("tcp", host.subnet + ".10", 80)).as("past the host").isEqualTo("refused");
        assertThat(peer.ask("udp", host.subnet + ".10", 80)).isEqualTo("refused");
        assertThat(peer.ask("tcp", host.subnet + ".10", 81)).isEqualTo("refused");
    }

    @Test
    void worksFromTheHostAndFromNeighbours() throws IOException {
        open(tcp(PORT, 10, 80));

        assertThat(neighbour.ask("tcp", outside + ".1", PORT)).startsWith("web saw");
        assertThat(neighbour.ask("tcp", host.subnet + ".1", PORT)).startsWith("web saw");
        try (var socket = new java.net.Socket(outside + ".1", PORT)) {
            assertThat(new String(socket.getInputStream().readNBytes(7), java.nio.charset.StandardCharsets.UTF_8))
                    .isEqualTo("web saw");
        }
    }

    @Test
    void letsMachinesOutAndTalkAmongThemselves() {
        assertThat(web.ask("tcp", outside + ".2", 90))
                .as("behind the host's address")
                .isEqualTo("peer saw " + outside + ".1");
        assertThat(web.ask("udp", outside + ".2", 90)).isEqualTo("peer saw " + outside + ".1");
        assertThat(neighbour.ask("tcp", host.subnet + ".10", 80)).isEqualTo("web saw " + host.subnet + ".11");
    }

    @Test
    void closingEndsWhatIsUnderWayToo() {
        open(tcp(PORT, 10, 80), udp(PORT + 1, 10, 80), tcp(PORT + 2, 10, 81));
        assertThat(peer.ask("keep", outside + ".1", PORT)).startsWith("web");
        assertThat(peer.ask("udp", outside + ".1", PORT + 1)).startsWith("web");

        open(tcp(PORT + 2, 10, 81), tcp(PORT + 3, 10, 80));
        assertThat(peer.ask("kept")).isEqualTo("broken");
        assertThat(peer.ask("tcp", outside + ".1", PORT)).isEqualTo("refused");
        assertThat(peer.ask("udp", outside + ".1", PORT + 1))
                .as("from the same socket")
                .isEqualTo("refused");
        assertThat(peer.ask("tcp", outside + ".1", PORT + 2))
                .as("one that stayed")
                .startsWith("secret");

        open();
        assertThat(peer.ask("tcp", outside + ".1", PORT + 2)).isEqualTo("refused");
        assertThat(peer.ask("udp", outside + ".1", PORT + 1)).isEqualTo("refused");
        assertThat(web.ask("tcp", outside + ".2", 90)).as("its own way out").startsWith("peer");
    }

    @Test
    void anOpenConnectionOutlivesOtherPortsChanges() {
        open(tcp(PORT, 10, 80));
        assertThat(peer.ask("keep", outside + ".1", PORT)).startsWith("web");
        open(tcp(PORT, 10, 80), tcp(PORT + 1, 11, 80));
        assertThat(peer.ask("kept")).startsWith("web");
        assertThat(peer.ask("tcp", outside + ".1", PORT + 1)).startsWith("neighbour");
    }

    @Test
    void touchesNoRuleOfOthersAndWritesNothingTwice() {
        String foreign = "berth_test_" + PORT;
        nft("add", "table", "ip", foreign);
        nft("add", "chain", "ip", foreign, "c", "{ type filter hook forward priority 5; policy accept; }");
        nft("add", "rule", "ip", foreign, "c", "ip daddr 203.0.113.7 counter drop");
        try {
            String before = nft("-a", "list", "table", "ip", foreign);
            open(tcp(PORT, 10, 80));
            open(tcp(PORT, 10, 80), udp(PORT, 10, 80));
            String own = nft("-a", "list", "table", "ip", table());
            open(udp(PORT, 10, 80), tcp(PORT, 10, 80));
            assertThat(nft("-a", "list", "table", "ip", table()))
                    .as("not written again")
                    .isEqualTo(own);
            host.hypervisor.ensureNetwork(host.network);
            open();
            assertThat(nft("-a", "list", "table", "ip", foreign)).isEqualTo(before);
        } finally {
            nft("delete", "table", "ip", foreign);
        }
    }

    @Test
    void comesBackAfterSomebodyFlushedIt() {
        open(tcp(PORT, 10, 80));
        nft("delete", "table", "ip", table());
        nft(
                "delete",
                "table",
                "ip",
                NftTable.of("net", host.network.profileId()).name());

        host.hypervisor.ensureNetwork(host.network);
        open(tcp(PORT, 10, 80));
        assertThat(peer.ask("tcp", outside + ".1", PORT)).startsWith("web");
        assertThat(peer.ask("tcp", host.subnet + ".10", 80)).isEqualTo("refused");
    }

    @Test
    void makesNothingBeforeTheFirstPort() {
        open();
        assertThat(nft("list", "tables")).doesNotContain(table());
    }

    @Test
    void anotherInstallationOnTheHostLeavesThemAlone() {
        UUID other = new UUID(
                LiveHost.INSTALLATION.getMostSignificantBits() + (1L << 32),
                LiveHost.INSTALLATION.getLeastSignificantBits() + 1);
        // Whichever of the two tables the kernel asks first.
        host.hypervisor.applyForwards(other, List.of(tcp(PORT + 4, 11, 80)));
        open(tcp(PORT, 10, 80));
        try {
            host.hypervisor.applyForwards(other, List.of(tcp(PORT + 5, 11, 80)));

            assertThat(peer.ask("tcp", outside + ".1", PORT)).startsWith("web saw");
            assertThat(peer.ask("tcp", outside + ".1", PORT + 5)).startsWith("neighbour saw");
        } finally {
            NftTable.of("fwd", other).remove();
        }
    }

    private void open(ForwardSpec... forwards) {
        host.hypervisor.applyForwards(LiveHost.INSTALLATION, List.of(forwards));
    }

    private ForwardSpec tcp(int hostPort, int lastOctet, int guestPort) {
        return new ForwardSpec(Protocol.TCP, hostPort, host.subnet + "." + lastOctet, guestPort);
    }

    private ForwardSpec udp(int hostPort, int lastOctet, int guestPort) {
        return new ForwardSpec(Protocol.UDP, hostPort, host.subnet + "." + lastOctet, guestPort);
    }

    private static String table() {
        return NftTable.of("fwd", LiveHost.INSTALLATION).name();
    }

    private static String nft(String... arguments) {
        HostCommand.Result result = NftTable.nft(arguments).run();
        assertThat(result.errors()).isEmpty();
        return result.output();
    }
}
