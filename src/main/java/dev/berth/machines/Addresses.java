package dev.berth.machines;

import dev.berth.catalog.NetworkProfiles;
import dev.berth.catalog.Profile;
import dev.berth.common.ProblemException;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Gives network cards their MAC and IP addresses. Unique constraints have the last word. */
@ApplicationScoped
class Addresses {
    @ApplicationScoped
    static class NicRepository implements PanacheRepositoryBase<NicEntity, UUID> {}

    private final NicRepository nics;
    private final NetworkProfiles networks;
    private final SecureRandom random = new SecureRandom();

    Addresses(NicRepository nics, NetworkProfiles networks) {
        this.nics = nics;
        this.networks = networks;
    }

    NicEntity allocate(UUID machineId, Profile network, int position) {
        // One at a time for each network: the next free address is read, then taken.
        nics.getEntityManager()
                .createNativeQuery("select pg_advisory_xact_lock(hashtextextended(:network, 1))", Object.class)
                .setParameter("network", network.id().toString())
                .getSingleResult();
        NicEntity nic = new NicEntity();
        nic.id = UUID.randomUUID();
        nic.machineId = machineId;
        nic.networkProfileId = network.id();
        nic.networkSlug = network.slug();
        nic.position = position;
        nic.mac = freeMac();
        nic.address = freeAddress(network);
        nics.persist(nic);
        return nic;
    }

    private String freeAddress(Profile network) {
        List<String> range = networks.addresses(network);
        if (range.isEmpty()) {
            return null;
        }
        Set<String> taken = new HashSet<>(nics.getEntityManager()
                .createQuery("select address from NicEntity where networkProfileId = :id", String.class)
                .setParameter("id", network.id())
                .getResultList());
        return range.stream()
                .filter(address -> !taken.contains(address))
                .findFirst()
                .orElseThrow(
                        () -> ProblemException.conflict(
                                "addresses-exhausted",
                                "The network " + network.slug()
                                        + " has no free address left. Choose another network or ask an admin for a larger range."));
    }

    /** From QEMU's and KVM's own range, 52:54:00. */
    private String freeMac() {
        while (true) {
            int tail = random.nextInt(1 << 24);
            String mac = "52:54:00:%02x:%02x:%02x".formatted(tail >> 16, tail >> 8 & 0xff, tail & 0xff);
            if (nics.count("mac", mac) == 0) {
                return mac;
            }
        }
    }
}
