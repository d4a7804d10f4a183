package dev.berth.hypervisor;

import java.nio.file.Path;
import java.util.Optional;

/** What a network or disk kind works with on one host. */
public final class LibvirtHost {
    private final LibvirtLink link;
    private final LibvirtNetworks networks;
    private final LibvirtPools pools;
    private final LibvirtFilters filters;
    private final LibvirtCards cards;
    private final LibvirtDisks disks;
    private final LibvirtSecrets secrets;
    private final LibvirtShares shares;
    private final Path directory;

    LibvirtHost(LibvirtLink link, LibvirtDomains domains, Path directory) {
        this.link = link;
        this.networks = new LibvirtNetworks(link);
        this.pools = new LibvirtPools(link);
        this.filters = new LibvirtFilters(link);
        this.cards = new LibvirtCards(domains);
        this.disks = new LibvirtDisks(domains);
        this.secrets = new LibvirtSecrets(link);
        this.shares = new LibvirtShares(domains);
        this.directory = directory;
    }

    public String name() {
        return link.host();
    }

    public HostFacts facts() {
        return link.facts();
    }

    public LibvirtNetworks networks() {
        return networks;
    }

    public LibvirtPools pools() {
        return pools;
    }

    public LibvirtFilters filters() {
        return filters;
    }

    public LibvirtCards cards() {
        return cards;
    }

    public LibvirtDisks disks() {
        return disks;
    }

    public LibvirtSecrets secrets() {
        return secrets;
    }

    public LibvirtShares shares() {
        return shares;
    }

    /** Whom QEMU runs as; empty where libvirt does not say. */
    public Optional<QemuUser> qemuUser() {
        return link.call(
                "say whom QEMU runs as",
                LibvirtLink.Patience.QUICK,
                connection -> QemuUser.of(LibvirtXml.parse(
                        NativeHandle.text(LibvirtNative.libvirt().virConnectGetCapabilities(connection)))));
    }

    /** The worker's own directory on the host. */
    public Path directory() {
        return directory;
    }
}
