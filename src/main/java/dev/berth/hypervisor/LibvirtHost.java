package dev.berth.hypervisor;

import java.nio.file.Path;

/** What a network or disk kind works with on one host. */
public final class LibvirtHost {
    private final LibvirtLink link;
    private final LibvirtNetworks networks;
    private final LibvirtPools pools;
    private final Path directory;

    LibvirtHost(LibvirtLink link, Path directory) {
        this.link = link;
        this.networks = new LibvirtNetworks(link);
        this.pools = new LibvirtPools(link);
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

    /** The worker's own directory on the host. */
    public Path directory() {
        return directory;
    }
}
