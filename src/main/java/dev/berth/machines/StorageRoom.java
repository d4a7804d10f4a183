package dev.berth.machines;

import dev.berth.catalog.Profile;
import dev.berth.catalog.ProfileCheck;
import dev.berth.catalog.StorageProfiles;
import dev.berth.fleet.Hosts;
import dev.berth.hypervisor.disk.StorageSpace;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Which hosts have room for a disk. */
@ApplicationScoped
class StorageRoom {
    private static final long GIB = 1L << 30;

    private final Devices.DeviceRepository devices;
    private final Devices handing;
    private final StorageProfiles storage;
    private final Hosts hosts;

    StorageRoom(Devices.DeviceRepository devices, Devices handing, StorageProfiles storage, Hosts hosts) {
        this.devices = devices;
        this.handing = handing;
        this.storage = storage;
        this.hosts = hosts;
    }

    /** The hosts that can't take a disk of this size, each with the reason in words that follow the host. */
    Map<UUID, String> unfitHosts(Profile profile, long sizeGib) {
        Map<UUID, String> unfit = new HashMap<>();
        if (handing.handedOut(profile)) {
            Set<UUID> having = having(profile, sizeGib);
            hosts.list().stream()
                    .filter(host -> !having.contains(host.id()))
                    .forEach(host -> unfit.put(
                            host.id(),
                            "has no free device of %d GiB or more for %s".formatted(sizeGib, profile.slug())));
        }
        for (ProfileCheck check : storage.checks(profile.id())) {
            if (!check.good()) {
                unfit.put(check.hostId(), "can't offer %s, as its last check says".formatted(profile.slug()));
            } else if (StorageSpace.largest(check.facts()).orElse(Long.MAX_VALUE) < sizeGib * GIB) {
                unfit.put(check.hostId(), "has no room for %d GiB on %s".formatted(sizeGib, profile.slug()));
            }
        }
        return unfit;
    }

    private Set<UUID> having(Profile profile, long sizeGib) {
        return new HashSet<>(devices.getEntityManager()
                .createQuery(
                        """
                        select distinct hostId from DeviceEntity
                         where storageProfileId = :profile and state = :free and sizeBytes >= :bytes""",
                        UUID.class)
                .setParameter("profile", profile.id())
                .setParameter("free", DeviceState.FREE)
                .setParameter("bytes", sizeGib * GIB)
                .getResultList());
    }
}
