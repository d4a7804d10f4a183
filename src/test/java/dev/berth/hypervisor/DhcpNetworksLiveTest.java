package dev.berth.hypervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.berth.hypervisor.network.Routes;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two guests, each with a card on a {@code routed} and one on a {@code nat} network, and a peer outside. */
@Tag("hypervisor")
class DhcpNetworksLiveTest {
    private static final int ROUTED = 0;
    private static final int NAT = 1;

    private static LiveHost host;
    private static Lab lab;
    private static Lab.Peer peer;
    /** The host's address towards the peer. */
    private static String nextHop;

    private static String outside;
    private static NetworkSpec routed;
    private static Guest one;
    private static Guest two;

    @BeforeAll
    static void boot() throws IOException {
        host = new LiveHost();
        lab = new Lab();
        String wire = "198.18." + ThreadLocalRandom.current().nextInt(256);
        nextHop = wire + ".1";
        outside = wire + ".2";
        peer = lab.peer().at(outside + "/24");
        Lab.must("ip", "address", "add", nextHop + "/24", "dev", peer.device());
        String subnet = "10." + ThreadLocalRandom.current().nextInt(192, 250) + "."
                + ThreadLocalRandom.current().nextInt(256);
        routed = new NetworkSpec(
                UUID.randomUUID(),
                host.network.slug() + "r",
                "routed",
                Map.of(
                        "cidr", subnet + ".0/24",
                        "rangeStart", subnet + ".10",
                        "rangeEnd", subnet + ".99",
                        "probeTarget", outside));
        one = start("one", 11);
        two = start("two", 12);
        one.awaitBoot();
        two.awaitBoot();
    }

    private static Guest start(String name, int lastOctet) {
        UUID id = UUID.randomUUID();
        NicSpec[] nics = {
            LiveHost.nic(routed, ROUTED, id, subnet(routed) + "." + lastOctet),
            LiveHost.nic(host.network, NAT, id, subnet(host.network) + "." + lastOctet)
        };
        for (int position = 0; position < nics.length; position++) {
            NicSpec nic = nics[position];
            nics[position] = new NicSpec(id, nic.network(), position, nic.mac(), nic.address(), name);
        }
        return Guest.start(host, name, nics);
    }

    private static String subnet(NetworkSpec network) {
        String cidr = network.config().get("cidr");
        return cidr.substring(0, cidr.lastIndexOf('.'));
    }

    @AfterAll
    static void remove() throws IOException {
        if (one != null) {
            one.remove();
        }
        if (two != null) {
            two.remove();
        }
        host.hypervisor.removeNetwork(routed);
        lab.close();
        host.close();
    }

    @Test
    void isAValidNetworkWithoutTranslation() throws IOException {
        String xml = LiveHost.virsh("net-dumpxml", "berth-" + routed.slug());
        LibvirtSchema.assertValid("network", xml);
        assertThat(LibvirtXml.parse(xml).attribute("forward", "mode")).isEqualTo("open");
        assertThat(Lab.must("nft", "list", "table", "ip", table()))
                .contains(routed.config().get("cidr"))
                .doesNotContain("masquerade");
        LibvirtSchema.assertValid("nwfilter", LiveHost.virsh("nwfilter-dumpxml", "berth-card-1"));
        LibvirtSchema.assertValid(
                "domain", LiveHost.virsh("dumpxml", one.machine().name()));
    }

    @ParameterizedTest
    @ValueSource(ints = {ROUTED, NAT})
    void givesAddressesAndNames(int card) {
        String theirs = address(two, card);
        assertThat(one.awaitAddress("eth" + card)).isEqualTo(address(one, card));
        await().until(() -> host.hypervisor.seenAddress(nic(two, card)).isPresent());
        assertThat(host.hypervisor.seenAddress(nic(two, card))).contains(theirs);

        String gateway = subnet(nic(one, card).network()) + ".1";
        String domain = nic(one, card).network().slug() + ".berth.internal";
        for (String name : new String[] {"two", "two." + domain}) {
            assertThat(one.must("nslookup -type=a " + name + " " + gateway)).contains(theirs);
        }
        assertThat(one.must("nslookup " + theirs + " " + gateway)).contains("two." + domain);
        one.awaitReach("two");
    }

    @Test
    void tellsWhetherTheRouteIsThere() {
        one.awaitAddress("eth0");
        String guest = address(one, ROUTED);
        HostCheck without = host.hypervisor.checkNetwork(routed);
        assertThat(without.problems()).isEmpty();
        assertThat(without.facts()).containsEntry(Routes.ROUTE, Routes.MISSING).containsEntry(Routes.NEXT_HOP, nextHop);
        String line = Routes.lines(routed.config().get("cidr"), nextHop).get(0).line();
        assertThat(without.advice())
                .singleElement()
                .asString()
                .contains(outside + " answers host test but not network", line);
        assertThat(peer.reaches(guest)).isFalse();
        assertThat(one.reaches(outside)).isFalse();

        assertThat(peer.run(line.split(" ")).succeeded()).isTrue();
        HostCheck with = host.hypervisor.checkNetwork(routed);
        assertThat(with.advice()).isEmpty();
        assertThat(with.facts()).containsEntry(Routes.ROUTE, Routes.THERE);
        peer.awaitReach(guest);
        one.awaitReach(outside);

        assertThat(peer.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all")
                        .succeeded())
                .isTrue();
        HostCheck silent = host.hypervisor.checkNetwork(routed);
        assertThat(silent.facts()).containsEntry(Routes.ROUTE, Routes.UNKNOWN);
        assertThat(silent.advice()).singleElement().asString().contains("answers neither", line);
        peer.run("sh", "-c", "echo 0 >/proc/sys/net/ipv4/icmp_echo_ignore_all");
        peer.run(line.replace("add", "delete").split(" "));
    }

    @Test
    void saysWhatTheProbeCannotTell() {
        assertThat(host.hypervisor
                        .checkNetwork(with(routed, "probeTarget", nextHop))
                        .advice())
                .singleElement()
                .asString()
                .contains("own address");
        assertThat(host.hypervisor
                        .checkNetwork(with(routed, "nextHop", outside))
                        .problems())
                .singleElement()
                .asString()
                .contains("no address of host test");
        NetworkSpec later = new NetworkSpec(
                UUID.randomUUID(),
                routed.slug() + "l",
                "routed",
                Map.of(
                        "cidr", "198.19.0.0/24",
                        "rangeStart", "198.19.0.10",
                        "rangeEnd", "198.19.0.99",
                        "probeTarget", outside));
        assertThat(host.hypervisor.checkNetwork(later).advice())
                .singleElement()
                .asString()
                .contains("first machine", "ip route add 198.19.0.0/24 via " + nextHop);
    }

    /** The same on the other kind of the family. */
    @Test
    @Tag("long")
    void isIsolatedOnTheOtherCardToo() {
        cutsOffWhoTakesAnotherMac(ROUTED);
        cutsOffWhoTakesAnotherAddress(ROUTED);
        isTurnedOffAndOnWhileTheGuestRuns(ROUTED);
    }

    @Test
    void cutsOffWhoTakesAnotherMac() {
        cutsOffWhoTakesAnotherMac(NAT);
    }

    private static void cutsOffWhoTakesAnotherMac(int card) {
        String device = "eth" + card;
        String theirs = address(two, card);
        one.awaitAddress(device);
        two.awaitAddress(device);
        one.awaitReach(theirs);

        one.takeMac(device, "52:54:00:ba:dd:0" + card);
        assertThat(one.reaches(theirs)).isFalse();

        one.takeMac(device, nic(one, card).mac());
        one.awaitReach(theirs);
    }

    /** And its neighbour does not notice. */
    @Test
    void cutsOffWhoTakesAnotherAddress() {
        cutsOffWhoTakesAnotherAddress(NAT);
    }

    private static void cutsOffWhoTakesAnotherAddress(int card) {
        String device = "eth" + card;
        String gateway = subnet(nic(one, card).network()) + ".1";
        one.awaitAddress(device);
        two.awaitAddress(device);
        // Who asks whether an address is free is heard, and answered by the one that has it.
        assertThat(one.run("arping -D -c 3 -w 3 -I " + device + " " + address(two, card))
                        .exitCode())
                .isNotZero();

        one.takeAddress(device, address(two, card));
        assertThat(one.reaches(gateway)).isFalse();
        two.awaitReach(gateway);
        one.takeAddress(device, subnet(nic(one, card).network()) + ".77");
        assertThat(one.reaches(gateway)).isFalse();

        one.takeAddress(device, address(one, card));
        one.awaitReach(gateway);
    }

    @Test
    void isTurnedOffAndOnWhileTheGuestRuns() {
        isTurnedOffAndOnWhileTheGuestRuns(NAT);
    }

    private static void isTurnedOffAndOnWhileTheGuestRuns(int card) {
        String device = "eth" + card;
        String gateway = subnet(nic(one, card).network()) + ".1";
        NicSpec on = nic(one, card);
        NicSpec off = new NicSpec(
                on.machineId(),
                with(on.network(), "isolation", "off"),
                on.position(),
                on.mac(),
                on.address(),
                on.hostName());
        one.awaitAddress(device);

        host.hypervisor.attachNic(off);
        one.takeAddress(device, subnet(on.network()) + ".77");
        one.awaitReach(gateway);

        host.hypervisor.attachNic(on);
        assertThat(one.reaches(gateway)).isFalse();
        one.takeAddress(device, on.address());
        one.awaitReach(gateway);
    }

    /** Its neighbours' addresses can't be known, so there is none of it. */
    @Test
    void hasNoIpv6WhileItIsIsolated() {
        NicSpec one6 = nic(one, NAT);
        NicSpec two6 = nic(two, NAT);
        one.must("ip -6 address replace fe80::1/64 dev eth1");
        two.must("ip -6 address replace fe80::2/64 dev eth1");
        String ping = "ping -6 -c 3 -w 3 -A -I eth1 fe80::2 | grep -q 'bytes from'";
        assertThat(one.run(ping).exitCode()).isNotZero();
        for (NicSpec nic : new NicSpec[] {one6, two6}) {
            host.hypervisor.attachNic(new NicSpec(
                    nic.machineId(),
                    with(nic.network(), "isolation", "off"),
                    nic.position(),
                    nic.mac(),
                    nic.address(),
                    nic.hostName()));
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> one.run(ping).exitCode() == 0);
        host.hypervisor.attachNic(one6);
        host.hypervisor.attachNic(two6);
        assertThat(one.run(ping).exitCode()).isNotZero();
    }

    private static String table() {
        return "berth_net_" + routed.profileId().toString().substring(0, 8);
    }

    private static NicSpec nic(Guest guest, int card) {
        return guest.machine().nics().get(card);
    }

    private static String address(Guest guest, int card) {
        return nic(guest, card).address();
    }

    private static NetworkSpec with(NetworkSpec network, String field, String value) {
        Map<String, String> config = new HashMap<>(network.config());
        config.put(field, value);
        return new NetworkSpec(network.profileId(), network.slug(), network.kind(), config);
    }
}
