package dev.berth.hypervisor;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Remembers whose mark each domain carries, since libvirt's bulk call does not tell. A domain's mark is asked for once
 * and again after an event says that its definition may be another.
 */
final class DomainMarks {
    private final LibvirtDomains domains;
    private final Map<UUID, Optional<UUID>> installations = new ConcurrentHashMap<>();

    DomainMarks(LibvirtDomains domains) {
        this.domains = domains;
    }

    List<LibvirtDomains.Listed> ours(List<LibvirtDomains.Listed> listed, UUID installationId) {
        Set<UUID> present = listed.stream().map(LibvirtDomains.Listed::id).collect(Collectors.toSet());
        installations.keySet().retainAll(present);
        return listed.stream()
                .filter(domain -> installations
                        .computeIfAbsent(domain.id(), this::read)
                        .filter(installationId::equals)
                        .isPresent())
                .toList();
    }

    private Optional<UUID> read(UUID id) {
        return domains.metadata(id).flatMap(DomainMark::parse).map(DomainMark::installationId);
    }

    void forget(UUID id) {
        installations.remove(id);
    }

    void forgetAll() {
        installations.clear();
    }
}
