package dev.berth.machines;

import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.network.MacRange;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Gives network cards their place: MAC and IP address, and a host that has room for them. Constraints have the last word. */
@ApplicationScoped
class Addresses {
    @ApplicationScoped
    static class NicRepository implements PanacheRepositoryBase<NicEntity, UUID> {}

    private final NicRepository nics;
    private final NetworkProfiles networks;
    private final MacPool macs;

    Addresses(NicRepository nics, NetworkProfiles networks, MacPool macs) {
        this.nics = nics;
        this.networks = networks;
        this.macs = macs;
    }

    /**
     * Gives the machine a card on the network, in the caller's transaction.
     *
     * @param machine written already
     * @throws ProblemException conflict when the network has nothing left to give
     */
    NicEntity allocate(MachineEntity machine, Profile network, UUID id, int position) {
        lock(network);
        NicEntity nic = new NicEntity();
        nic.id = id;
        nic.machineId = machine.id;
        nic.networkProfileId = network.id();
        nic.networkSlug = network.slug();
        nic.position = position;
        nic.address = given(network) ? freeAddress(network).orElseThrow(() -> noAddress(network)) : null;
        nic.mac = macs.take(range(network), machine, network, nic.address).orElseThrow(() -> noMac(network));
        nics.persist(nic);
        return nic;
    }

    /** What the network has run out of, as far as it can be seen now. */
    Optional<ProblemException> shortage(Profile network) {
        if (given(network) && freeAddress(network).isEmpty()) {
            return Optional.of(noAddress(network));
        }
        return macs.free(range(network)).isEmpty() ? Optional.of(noMac(network)) : Optional.empty();
    }

    /** The hosts that can't take another card on the network, each with the reason; true until the transaction ends. */
    Map<UUID, String> unfitHosts(Profile network) {
        lock(network);
        return unfitNow(network);
    }

    /** The same as it stands, which may change at once. */
    Map<UUID, String> unfitNow(Profile network) {
        Map<UUID, String> unfit = new HashMap<>();
        int most = networks.cardsPerHost(network);
        if (most < Integer.MAX_VALUE) {
            nics.getEntityManager()
                    .createQuery(
                            """
                            select m.hostId from NicEntity n join MachineEntity m on m.id = n.machineId
                             where n.networkProfileId = :network group by m.hostId having count(*) >= :most""",
                            UUID.class)
                    .setParameter("network", network.id())
                    .setParameter("most", (long) most)
                    .getResultList()
                    .forEach(host -> unfit.put(
                            host, "has as many cards on %s as it can have (%d)".formatted(network.slug(), most)));
        }
        networks.hostsThatCannot(network.id())
                .forEach(host -> unfit.put(host, "can't offer %s, as its last check says".formatted(network.slug())));
        return unfit;
    }

    /** One at a time for each network: what is free is read, then taken. */
    private void lock(Profile network) {
        nics.getEntityManager()
                .createNativeQuery("select pg_advisory_xact_lock(hashtextextended(:network, 1))", Object.class)
                .setParameter("network", network.id().toString())
                .getSingleResult();
    }

    private MacRange range(Profile network) {
        return networks.macs(network).orElse(MacRange.QEMU);
    }

    private boolean given(Profile network) {
        return !networks.addresses(network).isEmpty();
    }

    private Optional<String> freeAddress(Profile network) {
        List<String> range = networks.addresses(network);
        Set<String> taken = new HashSet<>(nics.getEntityManager()
                .createQuery("select address from NicEntity where networkProfileId = :id", String.class)
                .setParameter("id", network.id())
                .getResultList());
        return range.stream().filter(address -> !taken.contains(address)).findFirst();
    }

    private static ProblemException noAddress(Profile network) {
        return ProblemException.conflict(
                "addresses-exhausted",
                "The network " + network.slug()
                        + " has no free address left. Choose another network or ask an admin for a larger range.");
    }

    private static ProblemException noMac(Profile network) {
        return ProblemException.conflict(
                "macs-exhausted",
                "The network " + network.slug()
                        + " has no free MAC address left; those given back rest for a while. Choose another network or"
                        + " ask an admin for a larger range.");
    }
}
