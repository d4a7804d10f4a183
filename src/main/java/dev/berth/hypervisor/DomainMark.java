package dev.berth.hypervisor;

import java.util.Optional;
import java.util.UUID;
import org.w3c.dom.Element;

/** What Berth writes into a domain's metadata to know its own again. Without it nothing is ever deleted. */
record DomainMark(UUID installationId, UUID machineId, String tenant) {
    static final String NAMESPACE = "urn:x-berth:domain:1";

    /** The mark in this element as libvirt returned it, or empty if it is none. */
    static Optional<DomainMark> parse(String metadata) {
        Element element = LibvirtXml.parse(metadata).root();
        try {
            return Optional.of(new DomainMark(
                    UUID.fromString(element.getAttribute("installation")),
                    UUID.fromString(element.getAttribute("machine")),
                    element.getAttribute("tenant")));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
