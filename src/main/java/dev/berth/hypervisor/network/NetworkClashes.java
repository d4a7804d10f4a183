package dev.berth.hypervisor.network;

import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.LibvirtXml;
import java.net.Inet4Address;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.w3c.dom.Element;

/** Whether an address range is in use on a host already: by another libvirt network, or by one of its interfaces. */
final class NetworkClashes {
    private NetworkClashes() {}

    /** @param own the libvirt network that may have the range */
    static List<String> of(UUID own, Ipv4Net net, LibvirtHost host) {
        List<String> clashes = new ArrayList<>();
        List<LibvirtXml> networks = host.networks().all();
        for (LibvirtXml network : networks) {
            boolean foreign = !network.text("uuid").equals(own.toString());
            if (foreign
                    && network.all("ip").stream()
                            .anyMatch(ip -> range(ip).filter(net::overlaps).isPresent())) {
                clashes.add(sentence(net, host, "network " + network.text("name")));
            }
        }
        Set<String> bridges = networks.stream()
                .map(network -> network.attribute("bridge", "name"))
                .collect(Collectors.toSet());
        interfaces(net).stream()
                .filter(name -> !bridges.contains(name))
                .forEach(name -> clashes.add(sentence(net, host, "interface " + name)));
        return clashes;
    }

    private static String sentence(Ipv4Net net, LibvirtHost host, String holder) {
        return "The range " + net + " overlaps that of " + holder + " on host " + host.name()
                + ". Choose another range in the network profile.";
    }

    private static Optional<Ipv4Net> range(Element ip) {
        Optional<Long> address = Ipv4Net.address(ip.getAttribute("address"));
        Optional<Long> netmask = Ipv4Net.address(ip.getAttribute("netmask"));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        String prefix = ip.getAttribute("prefix");
        int bits =
                netmask.isPresent() ? Long.bitCount(netmask.get()) : prefix.isEmpty() ? 24 : Integer.parseInt(prefix);
        return Optional.of(Ipv4Net.around(address.get(), bits));
    }

    /** The worker runs next to its host, so that these are the host's interfaces. */
    private static List<String> interfaces(Ipv4Net net) {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(face -> face.getInterfaceAddresses().stream().anyMatch(address -> overlaps(net, address)))
                    .map(NetworkInterface::getName)
                    .toList();
        } catch (SocketException e) {
            return List.of();
        }
    }

    private static boolean overlaps(Ipv4Net net, InterfaceAddress address) {
        return address.getAddress() instanceof Inet4Address inet
                && Ipv4Net.address(inet.getHostAddress())
                        .map(number -> Ipv4Net.around(number, address.getNetworkPrefixLength()))
                        .filter(net::overlaps)
                        .isPresent();
    }
}
