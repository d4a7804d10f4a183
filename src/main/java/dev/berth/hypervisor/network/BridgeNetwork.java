package dev.berth.hypervisor.network;

import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.LibvirtXml;
import dev.berth.hypervisor.NetworkSpec;
import dev.berth.hypervisor.NicSpec;
import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.XmlTemplates;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A Linux bridge that the hosts have already. libvirt before 11.0 can't put a card into a VLAN of such a bridge, so a
 * card with one starts with its link down, and is brought up when its port is in its VLAN: a machine that somebody
 * starts without Berth is in none rather than in a wrong one.
 */
@Singleton
public class BridgeNetwork implements OuterNetwork {
    static final KindField BRIDGE = KindField.required(
            "bridge", "Bridge", "The Linux bridge's name, the same on every host that offers this network.", "br0");
    static final KindField VLAN = KindField.optional(
            "vlan",
            "VLAN",
            "Machines are in this VLAN only and see frames without tags. The bridge has to filter VLANs. Empty: the"
                    + " bridge's own way.",
            "42");

    private static final String FILE = "network/bridge";

    private final XmlTemplates templates;
    private final CardXml cards;
    private final Isolation isolation;

    public BridgeNetwork(XmlTemplates templates) {
        this.templates = templates;
        this.cards = new CardXml(templates);
        this.isolation = new Isolation(templates);
    }

    @Override
    public String id() {
        return "bridge";
    }

    @Override
    public Traits traits() {
        return new Traits(
                "Bridge",
                "The production standard: a machine is on the outer network like any other computer, and no routing"
                        + " changes.",
                "Machines' MAC addresses reach the outer network, where somebody has to manage them.",
                "Each card gets a MAC address of the admin's range for life, never given twice, listed for the network"
                        + " team. A filter keeps machines from taking others' addresses.");
    }

    @Override
    public Fit fit() {
        return new Fit(Fit.Reach.DIRECT, true, Fit.Speed.SWITCHED, true);
    }

    @Override
    public List<KindField> ownFields() {
        return Stream.concat(Stream.of(BRIDGE, VLAN), Isolation.FIELDS.stream()).toList();
    }

    @Override
    public Map<String, String> ownProblems(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>(HostDevice.problems(config, BRIDGE));
        String vlan = config.getOrDefault(VLAN.name(), "");
        if (!vlan.isEmpty() && Vlans.parse(vlan).isEmpty()) {
            problems.put(VLAN.name(), Vlans.PROBLEM);
        }
        problems.putAll(Isolation.problems(config));
        return problems;
    }

    @Override
    public HostCheck check(NetworkSpec network, LibvirtHost host) {
        return new BridgeCheck(host.name(), bridge(network), vlan(network)).run(network.config());
    }

    @Override
    public void ensure(NetworkSpec network, LibvirtHost host) {
        OuterNetwork.super.ensure(network, host);
        isolation.ensure(host);
    }

    @Override
    public void plug(NicSpec nic, LibvirtHost host) {
        Optional<Integer> vlan = vlan(nic.network());
        if (vlan.isEmpty()) {
            return;
        }
        Optional<LibvirtXml> down = host.cards()
                .find(nic.machineId(), nic.mac())
                .map(LibvirtXml::new)
                .filter(BridgeNetwork::isPlugged)
                .filter(card -> card.attribute("link", "state").equals("down"));
        if (down.isPresent()) {
            BridgeVlans.put(host.name(), bridge(nic.network()), down.get().attribute("target", "dev"), vlan.get());
            host.cards().update(nic.machineId(), interfaceXml(nic, true));
        }
    }

    private static boolean isPlugged(LibvirtXml card) {
        return !card.attribute("target", "dev").isEmpty();
    }

    @Override
    public String render(NicSpec nic) {
        return interfaceXml(nic, vlan(nic.network()).isEmpty());
    }

    private String interfaceXml(NicSpec nic, boolean linkUp) {
        Map<String, Object> values = new HashMap<>();
        values.put("card", cards.common(nic));
        values.put("filter", isolation.render(nic));
        values.put("bridge", bridge(nic.network()).name());
        values.put("link", linkUp ? "up" : "down");
        return templates.render(FILE, "interface", values);
    }

    private static HostDevice bridge(NetworkSpec network) {
        return new HostDevice(network.config().getOrDefault(BRIDGE.name(), ""));
    }

    private static Optional<Integer> vlan(NetworkSpec network) {
        return Vlans.parse(network.config().getOrDefault(VLAN.name(), ""));
    }
}
