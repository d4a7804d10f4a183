package dev.berth.hypervisor.network;

import dev.berth.hypervisor.NicSpec;
import dev.berth.hypervisor.XmlTemplates;
import io.quarkus.qute.RawString;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** What every kind's {@code <interface>} has: its MAC, its place on the PCI bus, its model and its limits. */
public final class CardXml {
    private static final String FILE = "network/card";

    /** Below are the ports of the other devices: see {@code device.xml}. */
    private static final int FIRST_BUS = 11;

    /** How many cards a machine can have, each on a PCI Express root port of its own. */
    public static final int MOST_CARDS = 8;

    private final XmlTemplates templates;

    CardXml(XmlTemplates templates) {
        this.templates = templates;
    }

    /** What a switch knows the card's port by: of this card alone, and the same for life. */
    static UUID portId(NicSpec nic) {
        return UUID.nameUUIDFromBytes((nic.machineId() + "/" + nic.position()).getBytes(StandardCharsets.UTF_8));
    }

    /** XML to put inside the card's {@code <interface>}. */
    RawString common(NicSpec nic) {
        Bandwidth bandwidth = Bandwidth.of(nic.network().config());
        Map<String, Object> values = new HashMap<>();
        values.put("mac", nic.mac());
        values.put("bus", "0x%02x".formatted(FIRST_BUS + nic.position()));
        values.put("inbound", bandwidth.inbound().orElse(null));
        values.put("outbound", bandwidth.outbound().orElse(null));
        return new RawString(templates.render(FILE, "common", values));
    }
}
