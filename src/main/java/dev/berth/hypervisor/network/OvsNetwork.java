package dev.berth.hypervisor.network;

import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.NetworkSpec;
import dev.berth.hypervisor.NicSpec;
import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.XmlTemplates;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * An Open vSwitch bridge that the hosts have already, its data path in the kernel or in user space. Each card's port has
 * an interface id of its own, derived from its machine and so the same for life.
 *
 * @see <a href="https://libvirt.org/formatdomain.html#setting-vlan-tag-on-supported-network-types-only">libvirt</a>
 */
@Singleton
public class OvsNetwork implements OuterNetwork {
    static final KindField BRIDGE = KindField.required(
            "bridge",
            "Bridge",
            "The Open vSwitch bridge's name, the same on every host that offers this network.",
            "ovs0");
    static final KindField VLAN = KindField.optional(
            "vlan", "VLAN", "Machines are in this VLAN only and see frames without tags. Empty: in none.", "42");
    static final KindField TRUNK = KindField.optional(
            "trunk",
            "Trunk",
            "Instead of one VLAN: all those that machines may use with tags, with commas between them.",
            "42, 43");
    static final KindField NATIVE = KindField.optional(
            "nativeVlan",
            "Native VLAN",
            "The one of the trunk's VLANs that frames without a tag belong to. Empty: none.",
            "42");
    static final KindField PROFILE = KindField.optional(
            "profileid",
            "Port profile",
            "A name that the network team's controller finds at each port (port-profile). Empty: none.",
            "web-servers");

    private static final String FILE = "network/ovs";

    private final XmlTemplates templates;
    private final CardXml cards;

    public OvsNetwork(XmlTemplates templates) {
        this.templates = templates;
        this.cards = new CardXml(templates);
    }

    @Override
    public String id() {
        return "ovs";
    }

    @Override
    public Traits traits() {
        return new Traits(
                "Open vSwitch",
                "The network team's own tools see every machine's port; VLANs, trunks and port profiles.",
                "Machines' MAC addresses reach the outer network, where somebody has to manage them. Hosts need Open"
                        + " vSwitch that matches their kernel, and no filter of libvirt's keeps machines from taking"
                        + " others' addresses there: that is for the switch's own rules.",
                "Each card gets a MAC address of the admin's range for life, never given twice, listed for the network"
                        + " team, and a port with its VLANs and profile. Hosts are checked for the switch and the bridge.");
    }

    @Override
    public Fit fit() {
        return new Fit(Fit.Reach.DIRECT, true, Fit.Speed.SWITCHED, true);
    }

    @Override
    public List<KindField> ownFields() {
        return Stream.concat(
                        Stream.of(BRIDGE, VLAN),
                        Stream.of(TRUNK, NATIVE, PROFILE).map(field -> field.in("Trunk and port profile")))
                .toList();
    }

    @Override
    public Map<String, String> ownProblems(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>(HostDevice.problems(config, BRIDGE));
        problems.putAll(vlanProblems(config));
        problems.putAll(PortProfile.problems(config, PROFILE));
        return problems;
    }

    private static Map<String, String> vlanProblems(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>();
        String vlan = value(config, VLAN);
        String trunk = value(config, TRUNK);
        String untagged = value(config, NATIVE);
        if (!vlan.isEmpty() && Vlans.parse(vlan).isEmpty()) {
            problems.put(VLAN.name(), Vlans.PROBLEM);
        }
        if (!trunk.isEmpty() && !vlan.isEmpty()) {
            problems.put(TRUNK.name(), "A port has one VLAN or a trunk. Leave one of the two empty.");
        } else if (!trunk.isEmpty() && Vlans.parseAll(trunk).isEmpty()) {
            problems.put(TRUNK.name(), "Write VLAN numbers from 1 to 4094, each once, with commas between them.");
        } else if (!untagged.isEmpty() && trunk.isEmpty()) {
            problems.put(NATIVE.name(), "Only a trunk has a native VLAN. Leave this empty, or fill in the trunk.");
        } else if (!untagged.isEmpty()
                && Vlans.parse(untagged)
                        .filter(Vlans.parseAll(trunk).orElseThrow()::contains)
                        .isEmpty()) {
            problems.put(NATIVE.name(), "Choose one of the trunk's VLANs.");
        }
        return problems;
    }

    @Override
    public HostCheck check(NetworkSpec network, LibvirtHost host) {
        return HostCheck.problems(OvsCheck.problems(host.name(), new HostDevice(value(network.config(), BRIDGE))));
    }

    @Override
    public String render(NicSpec nic) {
        Map<String, String> config = nic.network().config();
        String trunk = value(config, TRUNK);
        Map<String, Object> values = new HashMap<>();
        values.put("card", cards.common(nic));
        values.put("bridge", value(config, BRIDGE));
        values.put("interfaceId", CardXml.portId(nic));
        values.put("profileId", value(config, PROFILE));
        values.put("trunk", !trunk.isEmpty());
        values.put(
                "tags",
                Vlans.parseAll(trunk.isEmpty() ? value(config, VLAN) : trunk).orElse(List.of()));
        values.put("native", Vlans.parse(value(config, NATIVE)).orElse(0));
        return templates.render(FILE, "interface", values);
    }

    private static String value(Map<String, String> config, KindField field) {
        return config.getOrDefault(field.name(), "");
    }
}
