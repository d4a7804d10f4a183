package dev.berth.hypervisor.network;

import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.LibvirtXml;
import dev.berth.hypervisor.NetworkSpec;
import dev.berth.hypervisor.NftTable;
import dev.berth.hypervisor.NicSpec;
import dev.berth.hypervisor.XmlTemplates;
import io.quarkus.qute.RawString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.w3c.dom.Element;

/**
 * What kinds have in common whose network libvirt itself runs: a bridge of its own, a gateway on the host, and a DHCP
 * and name server that knows exactly the cards that were bound. The network's libvirt UUID is the profile's id.
 */
abstract class DhcpNetwork implements NetworkKind {
    private static final Logger LOG = Logger.getLogger(DhcpNetwork.class);
    private static final String FILE = "network/dhcp";
    private static final String FORWARD_MODE = "open";
    private static final String GATEWAY_MAC = "02:00:00:00:00:01";
    private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");
    private static final Pattern HOST_NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern SLUG = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private final XmlTemplates templates;
    private final CardXml cards;
    private final Isolation isolation;

    DhcpNetwork(XmlTemplates templates) {
        this.templates = templates;
        this.cards = new CardXml(templates);
        this.isolation = new Isolation(templates);
    }

    /** The packet filter's rules that the network needs, as nft reads them: libvirt is told to make none. */
    abstract String rules(String bridge, Ipv4Net net);

    /** The settings of this kind alone. */
    List<KindField> ownFields() {
        return List.of();
    }

    @Override
    public List<KindField> fields() {
        return Stream.of(DhcpRange.FIELDS, ownFields(), Isolation.FIELDS, Bandwidth.FIELDS, BootServer.FIELDS)
                .flatMap(List::stream)
                .toList();
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>(DhcpRange.problems(config));
        problems.putAll(Isolation.problems(config));
        problems.putAll(Bandwidth.problems(config));
        problems.putAll(BootServer.problems(config));
        return problems;
    }

    @Override
    public HostCheck check(NetworkSpec network, LibvirtHost host) {
        List<String> noNft = Firewalls.problems(host.name());
        List<String> problems = new ArrayList<>(noNft);
        problems.addAll(clashes(network, host));
        problems.addAll(Isolation.problemsOn(host.name(), network.config()));
        problems.addAll(Bandwidth.problemsOn(host.name(), network.config()));
        problems.addAll(BootServer.of(network.config()).problemsOn(host.name()));
        return new HostCheck(problems, noNft.isEmpty() ? Firewalls.advice(host.name(), bridge(network)) : List.of());
    }

    @Override
    public Optional<Ipv4Net> ownNet(Map<String, String> config) {
        return DhcpRange.net(config);
    }

    @Override
    public boolean boots(Map<String, String> config) {
        return BootServer.of(config).isThere();
    }

    @Override
    public List<String> addresses(Map<String, String> config) {
        return DhcpRange.of(config).addresses();
    }

    /** What on the host is in the way of the range. */
    private static List<String> clashes(NetworkSpec network, LibvirtHost host) {
        return NetworkClashes.of(
                network.profileId(), DhcpRange.of(network.config()).net(), host);
    }

    @Override
    public void ensure(NetworkSpec network, LibvirtHost host) {
        DhcpRange range = range(network);
        UUID id = network.profileId();
        Optional<LibvirtXml> found = host.networks().find(id);
        if (found.isPresent() && !matches(found.get(), range, BootServer.of(network.config()))) {
            removeUnused(network, host, found.get());
            found = Optional.empty();
        } else if (found.isPresent()
                && !found.get().attribute("forward", "mode").equals(FORWARD_MODE)) {
            found = modernized(network, range, host, found.get());
        }
        if (found.isEmpty()) {
            refuseClash(network, host);
            host.networks().define(networkXml(network, range, List.of()));
        }
        if (!host.networks().isActive(id)) {
            refuseClash(network, host);
        }
        // Before the network starts: no packet passes without them.
        table(network).ensure(rules(bridge(network), range.net()));
        host.networks().start(id);
        isolation.ensure(host);
    }

    private static NftTable table(NetworkSpec network) {
        return NftTable.of("net", network.profileId());
    }

    /**
     * A network of a Berth that had libvirt forward in another way. Without cards it is made anew; one with cards keeps
     * running, and is what it should be once it restarts.
     */
    private Optional<LibvirtXml> modernized(NetworkSpec network, DhcpRange range, LibvirtHost host, LibvirtXml found) {
        List<Element> entries = cardEntries(found);
        if (entries.isEmpty()) {
            host.networks().remove(network.profileId());
            return Optional.empty();
        }
        List<String> hosts = entries.stream()
                .map(entry -> entryXml(entry.getAttribute("mac"), entry.getAttribute("name"), entry.getAttribute("ip")))
                .toList();
        host.networks().define(networkXml(network, range, hosts));
        LOG.warnf(
                "Network %s on host %s still runs with libvirt's own firewall rules, which let nothing reach an opened"
                        + " port. Restart it when its machines are off (virsh net-destroy %3$s; virsh net-start %3$s),"
                        + " or with the host.",
                network.slug(), host.name(), name(network));
        return host.networks().find(network.profileId());
    }

    /** The gateway has an entry too. */
    private static List<Element> cardEntries(LibvirtXml network) {
        return network.all("ip/dhcp/host").stream()
                .filter(entry -> !entry.getAttribute("mac").equals(GATEWAY_MAC))
                .toList();
    }

    private String networkXml(NetworkSpec network, DhcpRange range, List<String> hosts) {
        return templates.render(
                FILE,
                "network",
                Map.ofEntries(
                        Map.entry("name", name(network)),
                        Map.entry("boot", BootServer.of(network.config())),
                        Map.entry("id", network.profileId()),
                        Map.entry("bridge", bridge(network)),
                        Map.entry("domain", network.slug() + ".berth.internal"),
                        Map.entry("gateway", Ipv4Net.text(range.net().gateway())),
                        Map.entry("netmask", range.net().netmask()),
                        Map.entry("leases", range.net().size()),
                        Map.entry("mode", FORWARD_MODE),
                        Map.entry("gatewayMac", GATEWAY_MAC),
                        Map.entry("hosts", new RawString(String.join("\n", hosts)))));
    }

    private static boolean matches(LibvirtXml found, DhcpRange range, BootServer boot) {
        return found.attribute("ip", "address").equals(Ipv4Net.text(range.net().gateway()))
                && found.attribute("ip", "netmask").equals(range.net().netmask())
                && found.attribute("ip/tftp", "root").equals(boot.directory())
                && found.attribute("ip/dhcp/bootp", "file").equals(boot.file())
                && found.attribute("ip/dhcp/bootp", "server").equals(boot.address());
    }

    /** Another range or boot server needs the network taken down, which cuts off whoever is on it. */
    private static void removeUnused(NetworkSpec network, LibvirtHost host, LibvirtXml found) {
        if (!cardEntries(found).isEmpty()) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "Network " + network.slug() + " runs on host " + host.name() + " with another address range or"
                            + " boot server and machines use it. Put that back, or remove those machines first.");
        }
        host.networks().remove(network.profileId());
    }

    private void refuseClash(NetworkSpec network, LibvirtHost host) {
        if (host.networks()
                .find(name(network))
                .filter(other -> !other.text("uuid").equals(network.profileId().toString()))
                .isPresent()) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    "Host " + host.name() + " has a network named " + name(network)
                            + " that belongs to something else. Give the network profile another name.");
        }
        List<String> clashes = clashes(network, host);
        if (!clashes.isEmpty()) {
            throw new HypervisorException(Reason.REJECTED, clashes.get(0));
        }
    }

    @Override
    public void remove(NetworkSpec network, LibvirtHost host) {
        host.networks().remove(network.profileId());
        table(network).remove();
    }

    @Override
    public void bind(NicSpec nic, LibvirtHost host) {
        validate(nic);
        UUID id = nic.network().profileId();
        LibvirtXml network = host.networks().find(id).orElseThrow(() -> missing(nic, host));
        List<Element> entries = network.all("ip/dhcp/host");
        Optional<Element> own = entries.stream()
                .filter(entry -> entry.getAttribute("mac").equals(nic.mac()))
                .findFirst();
        if (own.isPresent()) {
            if (own.get().getAttribute("ip").equals(nic.address())) {
                return;
            }
            host.networks().removeDhcpHost(id, templates.render(FILE, "forget", Map.of("mac", nic.mac())));
        }
        host.networks().addDhcpHost(id, entryXml(nic, entries));
    }

    /** A name that another machine on the network has already stays with that one. */
    private String entryXml(NicSpec nic, List<Element> entries) {
        boolean taken = entries.stream()
                .filter(entry -> !entry.getAttribute("mac").equals(nic.mac()))
                .anyMatch(entry -> entry.getAttribute("name").equals(nic.hostName()));
        return entryXml(nic.mac(), taken ? "" : nic.hostName(), nic.address());
    }

    private String entryXml(String mac, String hostName, String address) {
        return templates.render(FILE, "host", Map.of("mac", mac, "name", hostName, "address", address));
    }

    private static HypervisorException missing(NicSpec nic, LibvirtHost host) {
        return new HypervisorException(
                Reason.MISSING,
                "Network " + nic.network().slug() + " is not set up on host " + host.name() + ". Retry to set it up.");
    }

    @Override
    public void unbind(NicSpec nic, LibvirtHost host) {
        UUID id = nic.network().profileId();
        Optional<LibvirtXml> network = host.networks().find(id);
        if (network.isEmpty()) {
            return;
        }
        release(nic, host, network.get());
        boolean bound = network.get().all("ip/dhcp/host").stream()
                .anyMatch(entry -> entry.getAttribute("mac").equals(nic.mac()));
        if (bound) {
            host.networks().removeDhcpHost(id, templates.render(FILE, "forget", Map.of("mac", nic.mac())));
        }
    }

    /** Without this the lease would only run out, and its address could not go to another machine until then. */
    private static void release(NicSpec nic, LibvirtHost host, LibvirtXml network) {
        for (String address : host.networks().leasedAddresses(nic.network().profileId(), nic.mac())) {
            try {
                DhcpRelease.send(
                        network.attribute("bridge", "name"), network.attribute("ip", "address"), nic.mac(), address);
            } catch (IOException e) {
                LOG.warnf(
                        e,
                        "The lease of %s on network %s stays until it runs out",
                        nic.mac(),
                        nic.network().slug());
            }
        }
    }

    @Override
    public Optional<String> seenAddress(NicSpec nic, LibvirtHost host) {
        return host.networks().leasedAddresses(nic.network().profileId(), nic.mac()).stream()
                .findFirst();
    }

    @Override
    public String render(NicSpec nic) {
        return templates.render(
                FILE,
                "interface",
                Map.of("card", cards.common(nic), "filter", isolation.render(nic), "network", name(nic.network())));
    }

    private static String name(NetworkSpec network) {
        return "berth-" + network.slug();
    }

    /** Interface names have at most 15 characters. */
    static String bridge(NetworkSpec network) {
        return "berth" + network.profileId().toString().replace("-", "").substring(0, 10);
    }

    private DhcpRange range(NetworkSpec network) {
        Map<String, String> problems = validate(network.config());
        if (!problems.isEmpty()) {
            throw new HypervisorException(
                    Reason.REJECTED, problems.values().iterator().next());
        }
        if (!SLUG.matcher(network.slug()).matches()) {
            throw new HypervisorException(
                    Reason.REJECTED, "The network profile's short name may hold a-z, 0-9 and hyphens only.");
        }
        return DhcpRange.of(network.config());
    }

    /** What ends up in the DHCP server's own files, which know no escaping. */
    private static void validate(NicSpec nic) {
        if (!MAC.matcher(nic.mac()).matches()) {
            throw new HypervisorException(Reason.REJECTED, "The network card's MAC address is not one.");
        }
        if (nic.address() == null
                || Ipv4Net.address(nic.address())
                        .filter(DhcpRange.of(nic.network().config()).net()::contains)
                        .isEmpty()) {
            throw new HypervisorException(
                    Reason.REJECTED, "The network card's address does not lie in the network's range.");
        }
        if (!HOST_NAME.matcher(nic.hostName()).matches()) {
            throw new HypervisorException(
                    Reason.REJECTED, "The machine's name may hold a-z, 0-9 and hyphens only, at most 63 of them.");
        }
    }
}
