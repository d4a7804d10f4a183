package dev.berth.machines;

import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.ProblemException;
import dev.berth.fleet.Host;
import dev.berth.fleet.Hosts;
import dev.berth.fleet.Load;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Where machines would be placed if they were made now. Looks at rows only, locks nothing and promises nothing. */
@ApplicationScoped
public class Placement {
    /**
     * What would become of a machine.
     *
     * @param words {@code It would be placed on host-1 now.} or why it does not fit
     */
    public record Answer(boolean fits, String words) {}

    private final Machines machines;
    private final Addresses addresses;
    private final StorageRoom room;
    private final Hosts hosts;
    private final NetworkProfiles networks;
    private final StorageProfiles storage;

    Placement(
            Machines machines,
            Addresses addresses,
            StorageRoom room,
            Hosts hosts,
            NetworkProfiles networks,
            StorageProfiles storage) {
        this.machines = machines;
        this.addresses = addresses;
        this.room = room;
        this.hosts = hosts;
        this.networks = networks;
        this.storage = storage;
    }

    /** Looks at everything that is the same for many machines once. */
    @Transactional
    public Look look() {
        return new Look(hosts.list(), machines.loads(), byId(networks.list()), byId(storage.list()));
    }

    private static Map<UUID, Profile> byId(List<Profile> profiles) {
        return profiles.stream().collect(Collectors.toMap(Profile::id, Function.identity()));
    }

    /** One look, for as many machines as one likes; to be used within one transaction. */
    public final class Look {
        private final List<Host> all;
        private final Map<UUID, Load> loads;
        private final Map<UUID, Profile> networksById;
        private final Map<UUID, Profile> storageById;
        private final Map<Object, Map<UUID, String>> unfit = new HashMap<>();

        private Look(
                List<Host> all,
                Map<UUID, Load> loads,
                Map<UUID, Profile> networksById,
                Map<UUID, Profile> storageById) {
            this.all = all;
            this.loads = loads;
            this.networksById = networksById;
            this.storageById = storageById;
        }

        /** Each machine by itself, as if it were the only one. @param storageId null for a machine without a disk */
        public Answer place(int vcpus, long memoryMib, long diskGib, UUID networkId, UUID storageId) {
            Map<UUID, String> against = new HashMap<>(
                    unfit.computeIfAbsent(networkId, id -> addresses.unfitNow(networksById.get(networkId))));
            if (storageId != null) {
                unfit.computeIfAbsent(
                                List.of(storageId, diskGib),
                                key -> room.unfitHosts(storageById.get(storageId), diskGib))
                        .forEach((host, why) -> against.merge(host, why, (one, other) -> one + " and " + other));
            }
            try {
                Host host = hosts.choose(all, vcpus, memoryMib, loads, against);
                return new Answer(true, "It fits: it would be placed on " + host.name() + " now.");
            } catch (ProblemException e) {
                return new Answer(false, e.getMessage());
            }
        }
    }
}
