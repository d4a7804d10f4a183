package dev.berth.hypervisor;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Remembers whose mark each domain carries, since libvirt's bulk call does not tell. A domain's mark is asked for once
 * and again after an event says that its definition may be another.
 */
final class DomainMarks {
    private final LibvirtDomains domains;
    private final Map<UUID, Optional<UUID>> installations = new ConcurrentHashMap<>();
    /** How often something was forgotten: what was read before that may be old. */
    private final AtomicLong forgotten = new AtomicLong();

    DomainMarks(LibvirtDomains domains) {
        this.domains = domains;
    }

    List<LibvirtDomains.Listed> ours(List<LibvirtDomains.Listed> listed, UUID installationId) {
        Set<UUID> present = listed.stream().map(LibvirtDomains.Listed::id).collect(Collectors.toSet());
        installations.keySet().retainAll(present);
        return listed.stream()
                .filter(domain -> of(domain.id()).filter(installationId::equals).isPresent())
                .toList();
    }

    /** Asked for outside of the map, whose lock an answer that takes its time would hold against {@link #forget}. */
    private Optional<UUID> of(UUID id) {
        Optional<UUID> known = installations.get(id);
        if (known != null) {
            return known;
        }
        long asked = forgotten.get();
        Optional<UUID> read = domains.metadata(id).flatMap(DomainMark::parse).map(DomainMark::installationId);
        if (forgotten.get() == asked) {
            installations.put(id, read);
        }
        return read;
    }

    void forget(UUID id) {
        forgotten.incrementAndGet();
        installations.remove(id);
    }

    void forgetAll() {
        forgotten.incrementAndGet();
        installations.clear();
    }
}
