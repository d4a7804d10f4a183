package dev.berth.hypervisor;

import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** Directories that domains on one host share. */
public final class LibvirtShares {
    private final LibvirtDomains domains;

    LibvirtShares(LibvirtDomains domains) {
        this.domains = domains;
    }

    /** The tags of those that the domain has: as it runs, or else as it will start. */
    public Set<String> tags(UUID machineId) {
        return domains.description(machineId).stream()
                .flatMap(domain -> domain.all("devices/filesystem").stream())
                .map(share -> new LibvirtXml(share).attribute("target", "dir"))
                .collect(Collectors.toSet());
    }
}
