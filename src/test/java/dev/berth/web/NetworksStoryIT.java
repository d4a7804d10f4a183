package dev.berth.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import dev.berth.hypervisor.Lab;
import dev.berth.testing.Chrome;
import dev.berth.testing.Installation;
import dev.berth.testing.Namespace;
import dev.berth.testing.Nft;
import dev.berth.testing.Virsh;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Each of KVM's five kinds of network as people meet it: an admin makes the profile on its page and sees what the host
 * says, alice asks for a machine on it, and somebody who is not on the host reaches the machine.
 */
@Tag("browser")
class NetworksStoryIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int RANDOM = ThreadLocalRandom.current().nextInt(1, 250);
    private static final String OUTSIDE = "172.30." + RANDOM;

    private static Installation berth;
    private static Chrome chrome;
    private static Lab lab;
    private static Namespace outside;

    @BeforeAll
    static void start() throws IOException {
        lab = new Lab();
        outside = Namespace.beside(OUTSIDE + ".1", OUTSIDE + ".2");
        berth = Installation.startWhole();
        berth.awaitHost();
        chrome = new Chrome(berth.web().url());
    }

    @AfterAll
    static void stop() throws IOException {
        try (Lab toClose = lab;
                Namespace alsoToClose = outside;
                Installation andThis = berth) {
            if (chrome != null) {
                chrome.close();
            }
        } finally {
            for (String kind : List.of("nat", "routed")) {
                remove("berth-" + slug(kind));
            }
        }
    }

    private static void remove(String network) {
        if (Virsh.run("net-list", "--all", "--name").lines().anyMatch(network::equals)) {
            String rules = Nft.ofNetwork(network);
            Virsh.attempt("net-destroy", network);
            Virsh.attempt("net-undefine", network);
            Nft.remove(rules);
        }
    }

    @Test
    void eachKindOfNetworkFromItsPageToSomebodyOutside() {
        String bridge = lab.bridge();
        Lab.Peer bridgePeer = lab.peerOn(bridge).at(subnet(3) + ".1/24");
        Lab.Peer wirePeer = lab.peer().at(subnet(4) + ".1/24");
        String vswitch = lab.openVSwitch();
        Lab.Peer switchPeer = lab.peerOnOpenVSwitch(vswitch).at(subnet(5) + ".1/24");
        int port = ThreadLocalRandom.current().nextInt(30_000, 32_000);

        Page admin = chrome.signIn("admin");
        makeProfile(admin, "nat", with(own(1), "forwardPorts", port + "-" + (port + 9)));
        makeProfile(admin, "routed", own(2));
        makeProfile(admin, "bridge", with(outer(3), "bridge", bridge));
        makeProfile(admin, "macvtap", with(outer(4), "dev", wirePeer.device()));
        makeProfile(admin, "ovs", with(outer(5), "bridge", vswitch));
        chrome.check(admin, "network-profile");
        offerAll();

        Page alice = chrome.signIn("alice");
        Map<String, String> machines = new LinkedHashMap<>();
        for (String kind : List.of("nat", "routed", "bridge", "macvtap", "ovs")) {
            machines.put(kind, request(alice, kind));
        }
        openPort(alice, machines.get("nat"), port);
        String routed = addressOf(machines.get("routed"));
        awaitAnswer(OUTSIDE + ".1", port);
        awaitAnswer(routed, 22);
        bridgePeer.awaitReach(addressOf(machines.get("bridge")));
        wirePeer.awaitReach(addressOf(machines.get("macvtap")));
        switchPeer.awaitReach(addressOf(machines.get("ovs")));

        for (Map.Entry<String, String> machine : machines.entrySet()) {
            alice.navigate(chrome.url("/t/blue/machines/" + machine.getValue() + "/network"));
            assertThat(alice.textContent("#cards")).contains(addressOf(machine.getValue()));
            berth.alice().delete("machines/" + machine.getValue()).ok();
        }
        machines.values().forEach(machine -> berth.await(machine, "GONE"));
        assertThat(berth.drift()).isEmpty();
        assertThat(chrome.errors()).isEmpty();
    }

    private static void makeProfile(Page admin, String kind, Map<String, String> settings) {
        admin.navigate(chrome.url("/admin/networks/new"));
        admin.locator("#choose-" + kind).click();
        admin.fill("#slug", slug(kind));
        admin.fill("#name", "Street of " + kind);
        admin.evaluate("document.querySelectorAll('details').forEach(group => group.open = true)");
        settings.forEach((name, value) -> admin.fill("[id='config." + name + "']", value));
        admin.locator("#save-profile").click();
        admin.waitForURL("**/admin/networks/" + slug(kind));
        // The host's answer comes by itself.
        admin.locator(".host-active").first().waitFor();
    }

    private static void offerAll() {
        String tag = berth.tag();
        List<String> networks = java.util.stream.Stream.of("nat", "routed", "bridge", "macvtap", "ovs")
                .map(NetworksStoryIT::slug)
                .toList();
        berth.admin()
                .post(
                        "templates/" + tag + "/revisions",
                        Map.of(
                                "image",
                                tag,
                                "sizes",
                                List.of(tag),
                                "networks",
                                networks,
                                "storage",
                                List.of(tag),
                                "notes",
                                ""))
                .ok();
        berth.admin()
                .post("templates/" + tag + "/revisions/2/approve", Map.of())
                .ok();
    }

    private static String request(Page alice, String kind) {
        alice.navigate(chrome.url("/t/blue/requests/new"));
        alice.check("#template-" + berth.tag());
        alice.check("#size-" + berth.tag());
        alice.check("#network-" + slug(kind));
        alice.check("#storage-" + berth.tag());
        alice.fill("#name", "on-" + kind);
        alice.locator("#send-request").click();
        alice.waitForURL("**/machines/*");
        return alice.url().replaceAll(".*/", "");
    }

    private static void openPort(Page alice, String machine, int port) {
        alice.navigate(chrome.url("/t/blue/machines/" + machine + "/ports"));
        alice.fill("#guestPort", "22");
        alice.fill("#hostPort", Integer.toString(port));
        alice.locator("#open-port").click();
        alice.locator("#port-TCP-" + port).waitFor();
    }

    private static String addressOf(String machine) {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> berth.alice().get("machines/" + machine).ok().path("address"), JsonNode::isTextual)
                .asText();
    }

    private static void awaitAnswer(String address, int port) {
        await("an answer of " + address + ":" + port)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(300))
                .until(() -> outside.ask("tcp", address, port).startsWith("SSH-2.0-dropbear"));
    }

    private static String slug(String kind) {
        return berth == null ? kind : berth.tag() + kind;
    }

    private static String subnet(int number) {
        return "10." + (200 + number) + "." + RANDOM;
    }

    /** A network that libvirt makes. */
    private static Map<String, String> own(int number) {
        return Map.of(
                "cidr", subnet(number) + ".0/24",
                "rangeStart", subnet(number) + ".10",
                "rangeEnd", subnet(number) + ".99");
    }

    /** A range of a network that is there. */
    private static Map<String, String> outer(int number) {
        return Map.of(
                "macStart",
                "52:54:00:%02x:%02x:00".formatted(number, RANDOM),
                "macEnd",
                "52:54:00:%02x:%02x:ff".formatted(number, RANDOM),
                "subnet",
                subnet(number) + ".0/24",
                "rangeStart",
                subnet(number) + ".10",
                "rangeEnd",
                subnet(number) + ".99");
    }

    private static Map<String, String> with(Map<String, String> settings, String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(settings);
        all.put(name, value);
        return all;
    }
}
