package dev.berth.hypervisor;

import dev.berth.hypervisor.LibvirtDomains.AddressSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.w3c.dom.Element;

/** Network cards of domains on one host, for the network kinds. */
public final class LibvirtCards {
    /** What a hostile guest says of itself is believed only as far as it is an address. */
    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(?:\\.(?!$)|$)){4}");

    private final LibvirtDomains domains;

    LibvirtCards(LibvirtDomains domains) {
        this.domains = domains;
    }

    /** The card's {@code <interface>} element as the running domain has it. */
    public Optional<Element> find(UUID machineId, String mac) {
        return domains.description(machineId).stream()
                .flatMap(domain -> domain.all("devices/interface").stream())
                .filter(card -> mac.equals(new LibvirtXml(card).attribute("mac", "address")))
                .findFirst();
    }

    /** The host's device at the other end of the running card, {@code vnet0} for one; empty while it is off. */
    public Optional<String> device(UUID machineId, String mac) {
        return find(machineId, mac)
                .map(card -> new LibvirtXml(card).attribute("target", "dev"))
                .filter(device -> !device.isEmpty());
    }

    /** Puts a card into the running domain. */
    public void attach(UUID machineId, String interfaceXml) {
        domains.attach(machineId, interfaceXml);
    }

    /** Asks the guest to let go of the card; whether it does shows later. */
    public void detach(UUID machineId, String interfaceXml) {
        try {
            domains.detach(machineId, interfaceXml);
        } catch (HypervisorException e) {
            if (!(e.getCause() instanceof LibvirtFailure failure && failure.alreadyUnplugging())) {
                throw e;
            }
        }
    }

    /** Changes what can be changed of a running card: its limits, its filter, whether its link is up. */
    public void update(UUID machineId, String interfaceXml) {
        domains.update(machineId, interfaceXml);
    }

    /** The card's IPv4 address as the guest's agent says, or else as the host has seen it by ARP. */
    public Optional<String> address(UUID machineId, String mac) {
        return Stream.of(AddressSource.AGENT, AddressSource.ARP)
                .map(source -> first(domains.addresses(machineId, source), mac))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> first(Map<String, List<String>> addresses, String mac) {
        return addresses.getOrDefault(mac, List.of()).stream()
                .filter(address -> IPV4.matcher(address).matches())
                .findFirst();
    }
}
