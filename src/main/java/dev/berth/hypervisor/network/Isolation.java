package dev.berth.hypervisor.network;

import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.NicSpec;
import dev.berth.hypervisor.XmlTemplates;
import io.quarkus.qute.RawString;
import java.util.List;
import java.util.Map;

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
                    "On: a machine that takes another MAC or IP address loses the network. Off only for machines that"
                            + " route or fail over addresses themselves.",
                    "on",
                    "off")
            .changeable()
            .in("Isolation"));

    private final XmlTemplates templates;

    Isolation(XmlTemplates templates) {
        this.templates = templates;
    }

    static Map<String, String> problems(Map<String, String> config) {
        return List.of("", "on", "off").contains(config.getOrDefault(FIELD, ""))
                ? Map.of()
                : Map.of(FIELD, "Choose on or off.");
    }

    /** Defines the filter on the host. */
    void ensure(LibvirtHost host) {
        // The filter itself is still to come.
    }

    /** XML to put inside the card's {@code <interface>}; empty when isolation is off. */
    RawString render(NicSpec nic) {
        return new RawString("");
    }
}
