package dev.berth.provisioning;

import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.hypervisor.DomainFigures;
import dev.berth.hypervisor.DomainState;
import dev.berth.hypervisor.DomainSummary;
import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.machines.KnownVolumes;
import dev.berth.machines.MachineQueue;
import dev.berth.machines.Stray;
import dev.berth.machines.Stray.Kind;
import dev.berth.machines.Strays;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Writes down what a host has under our mark and nobody here knows. A row is there before what it stands for is made, and
 * goes after that is gone: so what was seen, has no row then, and is seen once more, is a stray.
 */
@ApplicationScoped
class StrayLook {
    private static final Logger LOG = Logger.getLogger(StrayLook.class);

    private final Strays strays;
    private final KnownVolumes volumes;
    private final MachineQueue queue;

    StrayLook(Strays strays, KnownVolumes volumes, MachineQueue queue) {
        this.strays = strays;
        this.volumes = volumes;
        this.queue = queue;
    }

    /**
     * @param domains all with our mark, as just seen
     * @param there the volumes of each storage profile, as just seen
     */
    void take(Hypervisor host, Collection<DomainSummary> domains, Map<Profile, Set<UUID>> there) {
        Map<Stray.Key, Stray> before =
                strays.of(host.host()).stream().collect(Collectors.toMap(Stray::key, Function.identity()));
        List<Stray> found = new ArrayList<>(domains(host, domains, before));
        found.addAll(volumes(host, there, before));
        found.stream()
                .filter(stray -> !before.containsKey(stray.key()))
                .forEach(stray -> LOG.warnf(
                        "Host %s has a %s of ours that is nothing's here: %s (%s)",
                        host.host(), stray.kind() == Kind.DOMAIN ? "domain" : "volume", stray.name(), stray.ref()));
        if (!found.isEmpty() || !before.isEmpty()) {
            strays.found(host.host(), found);
        }
        before.values().stream()
                .filter(Stray::removing)
                .forEach(stray -> queue.ensureStrayQueued(stray.id(), host.host()));
    }

    private List<Stray> domains(Hypervisor host, Collection<DomainSummary> domains, Map<Stray.Key, Stray> before) {
        Map<UUID, DomainSummary> seen = domains.stream()
                .collect(Collectors.toMap(DomainSummary::machineId, Function.identity(), (one, other) -> one));
        List<Stray> found = new ArrayList<>();
        for (UUID id : strays.unknownDomains(host.host(), seen.keySet())) {
            Optional<DomainState> state = host.state(id);
            if (state.isEmpty()) {
                continue;
            }
            Optional<DomainFigures> figures =
                    before.containsKey(new Stray.Key(Kind.DOMAIN, id)) ? Optional.empty() : host.figures(id);
            found.add(new Stray(
                    null,
                    Kind.DOMAIN,
                    id,
                    host.host(),
                    seen.get(id).name(),
                    null,
                    "",
                    state.get() != DomainState.STOPPED && state.get() != DomainState.CRASHED,
                    figures.map(DomainFigures::vcpus).orElse(null),
                    figures.map(DomainFigures::memoryMib).orElse(null),
                    null,
                    null,
                    false,
                    ""));
        }
        return found;
    }

    private List<Stray> volumes(Hypervisor host, Map<Profile, Set<UUID>> there, Map<Stray.Key, Stray> before) {
        Set<UUID> unknown =
                volumes.unknown(there.values().stream().flatMap(Set::stream).collect(Collectors.toSet()));
        List<Stray> found = new ArrayList<>();
        there.forEach((profile, listed) -> {
            if (listed.stream().noneMatch(unknown::contains)) {
                return;
            }
            Set<UUID> still = host.volumes(StorageProfiles.spec(profile));
            listed.stream()
                    .filter(id -> unknown.contains(id) && still.contains(id))
                    .map(id -> volume(host, profile, id, !before.containsKey(new Stray.Key(Kind.VOLUME, id))))
                    .forEach(found::add);
        });
        return found;
    }

    private static Stray volume(Hypervisor host, Profile profile, UUID id, boolean fresh) {
        return new Stray(
                null,
                Kind.VOLUME,
                id,
                host.host(),
                id.toString(),
                profile.id(),
                profile.slug(),
                false,
                null,
                null,
                fresh ? bytes(host, profile, id) : null,
                null,
                false,
                "");
    }

    /** Null for one that can't be read: it may be half made. */
    private static Long bytes(Hypervisor host, Profile profile, UUID id) {
        try {
            return host.diskBytes(host.volume(StorageProfiles.spec(profile), id));
        } catch (HypervisorException e) {
            LOG.debugf("Volume %s can't be read: %s", id, e.getMessage());
            return null;
        }
    }
}
