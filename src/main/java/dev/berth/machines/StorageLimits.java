package dev.berth.machines;

import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.disk.DiskSettings;
import dev.berth.hypervisor.disk.StorageSpace;
import dev.berth.security.Caller;
import dev.berth.tenancy.QuotaLine;
import dev.berth.tenancy.Quotas;
import dev.berth.tenancy.Tenant;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * How much of one storage profile a tenant's disks may take in all, where an admin says so; beside the quota, which
 * counts disks on all of them.
 */
@ApplicationScoped
public class StorageLimits {
    private final EntityManager em;
    private final StorageProfiles storage;
    private final Quotas quotas;

    StorageLimits(EntityManager em, StorageProfiles storage, Quotas quotas) {
        this.em = em;
        this.storage = storage;
        this.quotas = quotas;
    }

    /**
     * Refuses what would promise more of a host's space than the profile's overcommit limit says. What is promised is
     * counted; what lies there beside Berth's disks is not.
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void requireRoom(UUID hostId, Profile profile, long moreGib) {
        Optional<Long> percent = DiskSettings.overcommitPercent(profile.config());
        Optional<StorageSpace> space = storage.checks(profile.id()).stream()
                .filter(check -> check.hostId().equals(hostId))
                .findFirst()
                .flatMap(check -> StorageSpace.of(check.facts()));
        if (percent.isEmpty() || space.isEmpty()) {
            return;
        }
        em.createNativeQuery("select pg_advisory_xact_lock(hashtextextended(:place, 6))", Object.class)
                .setParameter("place", hostId + ":" + profile.id())
                .getSingleResult();
        long most = (space.get().total() >> 30) * percent.get() / 100;
        long promised = promised(hostId, profile.id());
        if (promised + moreGib > most) {
            throw ProblemException.conflict(
                    "storage-full",
                    "Storage profile %s may promise %d GiB on this host and has promised %d GiB. Choose another storage profile or ask an admin for room."
                            .formatted(profile.slug(), most, promised));
        }
    }

    private long promised(UUID hostId, UUID profileId) {
        return em.createQuery(
                        "select coalesce(sum(sizeGib), 0) from DiskEntity where hostId = :host and storageProfileId = :profile",
                        Long.class)
                .setParameter("host", hostId)
                .setParameter("profile", profileId)
                .getSingleResult();
    }

    /** The limits on a profile, by the tenant's name; for admins. */
    @Transactional
    public List<Quotas.LineLimit> list(Caller caller, Profile profile) {
        return quotas.limited(caller, line(profile));
    }

    /**
     * Sets a limit, or takes it away. One below what is used takes nothing away and grants nothing new.
     *
     * @param gib null for what the tenant's plan says, or no limit
     */
    @Transactional
    public void set(Caller caller, Profile profile, Tenant tenant, Long gib) {
        caller.requireAdmin();
        if (gib != null && (gib < 0 || gib > Disks.MOST_LIMIT_GIB)) {
            throw ProblemException.invalid(
                    "gib", "Choose between 0 and " + Disks.MOST_LIMIT_GIB + " GiB, or leave it empty for no limit.");
        }
        quotas.setLine(caller, tenant, line(profile), gib);
    }

    private static QuotaLine line(Profile profile) {
        return QuotaLine.storage(profile.id(), profile.slug());
    }
}
