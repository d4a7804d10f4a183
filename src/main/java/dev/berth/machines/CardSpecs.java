package dev.berth.machines;

import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.hypervisor.NicSpec;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** Cards as a host needs them. */
@ApplicationScoped
class CardSpecs {
    private final NetworkProfiles networks;

    CardSpecs(NetworkProfiles networks) {
        this.networks = networks;
    }

    /** The networks of these cards, by id; one query for all. */
    Map<UUID, Profile> profiles(Collection<NicEntity> nics) {
        Set<UUID> ids = nics.stream().map(nic -> nic.networkProfileId).collect(Collectors.toSet());
        return ids.isEmpty()
                ? Map.of()
                : networks.find(ids).stream().collect(Collectors.toMap(Profile::id, profile -> profile));
    }

    /** The cards of one machine, in the order of the rows. */
    List<Card> of(MachineEntity machine, List<NicEntity> nics) {
        Map<UUID, Profile> profiles = profiles(nics);
        return nics.stream()
                .map(nic -> card(machine, nic, profiles.get(nic.networkProfileId)))
                .toList();
    }

    /** The cards in rows of a machine and one of its cards each. */
    List<Card> ofRows(List<Object[]> rows) {
        Map<UUID, Profile> profiles =
                profiles(rows.stream().map(row -> (NicEntity) row[1]).toList());
        return rows.stream()
                .map(row -> {
                    NicEntity nic = (NicEntity) row[1];
                    return card((MachineEntity) row[0], nic, profiles.get(nic.networkProfileId));
                })
                .toList();
    }

    private static Card card(MachineEntity machine, NicEntity nic, Profile network) {
        return new Card(nic.id, spec(machine, nic, network), nic.pending, nic.removing, nic.seenAddress);
    }

    static NicSpec spec(MachineEntity machine, NicEntity nic, Profile network) {
        return new NicSpec(machine.id, NetworkProfiles.spec(network), nic.position, nic.mac, nic.address, machine.name);
    }
}
