package dev.berth.hypervisor.network;

import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.LibvirtXml;
import dev.berth.hypervisor.NicSpec;
import dev.berth.hypervisor.XmlTemplates;
import io.quarkus.qute.RawString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps a card to the MAC and IP address that it was given: against spoofing of MAC, IP and ARP, by a libvirt network
 * filter, on the kinds whose frames pass the host's own bridge code. On unless an admin turns it off.
 *
 * @see <a href="https://libvirt.org/formatnwfilter.html">libvirt: network filters</a>
 */
final class Isolation {
    static final String FIELD = "isolation";

    static final List<KindField> FIELDS = List.of(KindField.choice(
                    FIELD,
                    "Isolation",
                    "On: a machine that takes another MAC or IP address loses the network, and there is no IPv6. Off only"
                            + " for machines that route, fail over addresses themselves, or need IPv6.",
                    "on",
                    "off")
            .changeable()
            .in("Isolation"));

    /** Of these rules: see the file. */
    private static final String NAME = "berth-card-1";

    private static final String ID = "be27be27-15a0-4000-8000-000000000001";
    private static final String FILE = "network/isolation";

    private final XmlTemplates templates;

    Isolation(XmlTemplates templates) {
        this.templates = templates;
    }

    static Map<String, String> problems(Map<String, String> config) {
        return List.of("", "on", "off").contains(config.getOrDefault(FIELD, ""))
                ? Map.of()
                : Map.of(FIELD, "Choose on or off.");
    }

    /** What keeps the host from it, where it is on: libvirt carries filters out by ebtables. */
    static List<String> problemsOn(String host, Map<String, String> config) {
        if (!isOn(config)) {
            return List.of();
        }
        try {
            HostCommand.of("ebtables", "--version").run();
            return List.of();
        } catch (HypervisorException e) {
            return List.of("Host " + host + " has no ebtables, which isolation needs. Install the package iptables"
                    + " there, or turn isolation off in the network profile.");
        }
    }

    /** Defines the filter on the host, where installations of Berth share it. */
    void ensure(LibvirtHost host) {
        Optional<LibvirtXml> found = host.filters().find(NAME);
        if (found.isEmpty()) {
            host.filters().define(templates.render(FILE, "filter", Map.of("name", NAME, "id", ID)));
        } else if (!found.get().text("uuid").equals(ID)) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "Host " + host.name() + " has a network filter named " + NAME + " that is not Berth's. Remove it"
                            + " there: virsh nwfilter-undefine " + NAME);
        }
    }

    /** XML to put inside the card's {@code <interface>}; empty when isolation is off. */
    RawString render(NicSpec nic) {
        if (!isOn(nic.network().config())) {
            return new RawString("");
        }
        Map<String, Object> values = new HashMap<>();
        values.put("name", NAME);
        values.put("address", nic.address());
        return new RawString(templates.render(FILE, "card", values));
    }

    private static boolean isOn(Map<String, String> config) {
        return !"off".equals(config.get(FIELD));
    }
}
