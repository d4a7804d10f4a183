package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A guest on a {@code bridge}, beside peers that nothing of Berth guards. Its first card has the address that the outer
 * DHCP server gave, its second one that Berth gave.
 */
@Tag("hypervisor")
class BridgeIsolationLiveTest {
    private static final String[] SUBNETS = {"203.0.113.", "198.51.100."};
    private static final Map<String, String> MACS =
            Map.of("macStart", "52:54:00:00:00:00", "macEnd", "52:54:00:ff:ff:ff");

    private static LiveHost host;
    private static Lab lab;
    private static final Lab.Peer[] SERVERS = new Lab.Peer[2];
    private static Guest guest;

    @BeforeAll
    static void boot() throws IOException {
        host = new LiveHost();
        lab = new Lab();
        UUID id = UUID.randomUUID();
        NicSpec[] nics = new NicSpec[2];
        for (int card = 0; card < nics.length; card++) {
            String bridge = lab.bridge();
            String subnet = subnet(card);
            SERVERS[card] = lab.peerOn(bridge).at(subnet + "1/24");
            lab.peerOn(bridge).at(subnet + "2/24");
            Map<String, String> config = new HashMap<>(MACS);
            config.put("bridge", bridge);
            if (card == 1) {
                config.putAll(
                        Map.of("subnet", subnet + "0/24", "rangeStart", subnet + "50", "rangeEnd", subnet + "60"));
            }
            NetworkSpec network = new NetworkSpec(UUID.randomUUID(), "lan" + card, "bridge", config);
            nics[card] = LiveHost.nic(network, card, id, card == 1 ? subnet + "50" : null);
        }
        SERVERS[0].serveDhcp(subnet(0) + "50", subnet(0) + "50");
        guest = Guest.start(host, "web-1", nics).awaitBoot();
    }

    private static String subnet(int card) {
        return SUBNETS[card];
    }

    @AfterAll
    static void remove() throws IOException {
        if (guest != null) {
            guest.remove();
        }
        host.close();
        lab.close();
    }

    /** The same on the card whose address Berth gave. */
    @Test
    @Tag("long")
    void isIsolatedOnTheOtherCardToo() {
        cutsOffWhoTakesAnotherMac(1);
        cutsOffWhoTakesAnotherAddress(1);
    }

    @Test
    void cutsOffWhoTakesAnotherMac() {
        cutsOffWhoTakesAnotherMac(0);
    }

    private static void cutsOffWhoTakesAnotherMac(int card) {
        String device = "eth" + card;
        String server = subnet(card) + "1";
        assertThat(guest.awaitAddress(device)).isEqualTo(subnet(card) + "50");
        guest.awaitReach(server);

        guest.takeMac(device, "52:54:00:ba:dd:0" + card);
        assertThat(guest.reaches(server)).isFalse();

        guest.takeMac(device, guest.machine().nics().get(card).mac());
        guest.awaitReach(server);
    }

    /** And its neighbour does not notice. */
    @Test
    void cutsOffWhoTakesAnotherAddress() {
        cutsOffWhoTakesAnotherAddress(0);
    }

    private static void cutsOffWhoTakesAnotherAddress(int card) {
        String device = "eth" + card;
        String server = subnet(card) + "1";
        String neighbour = subnet(card) + "2";
        assertThat(guest.awaitAddress(device)).isEqualTo(subnet(card) + "50");
        guest.awaitReach(server);

        guest.takeAddress(device, neighbour);
        assertThat(guest.reaches(server)).isFalse();
        SERVERS[card].awaitReach(neighbour);
        guest.takeAddress(device, subnet(card) + "77");
        assertThat(guest.reaches(server)).isFalse();
        assertThat(SERVERS[card].reaches(subnet(card) + "77")).isFalse();

        guest.takeAddress(device, subnet(card) + "50");
        guest.awaitReach(server);
    }
}
