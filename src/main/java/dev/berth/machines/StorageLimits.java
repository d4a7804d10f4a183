package dev.berth.machines;

import dev.berth.audit.Audit;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.disk.DiskSettings;
import dev.berth.hypervisor.disk.StorageSpace;
import dev.berth.security.Caller;
import dev.berth.tenancy.Tenant;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * How much of one storage profile a tenant's disks may take in all, where an admin says so; beside the quota, which
 * counts disks on all of them.
 */
@ApplicationScoped
public class StorageLimits {
    /** @param used what the tenant's disks on the profile have in all, those on their way out included */
    public record Limit(UUID tenantId, String tenantSlug, long gib, long used) {}

    private final EntityManager em;
    private final StorageProfiles storage;
    private final Audit audit;

    StorageLimits(EntityManager em, StorageProfiles storage, Audit audit) {
        this.em = em;
        this.storage = storage;
        this.audit = audit;
    }

    /**
     * Refuses what would pass the tenant's limit. Holds the limit's row until the caller's transaction ends, so that of
     * two disks at once the second is counted with the first.
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void require(UUID tenantId, Profile profile, long moreGib) {
        Optional<Long> limit = em.createNativeQuery(
                        "select gib from storage_limit where tenant_id = :tenant and storage_profile_id = :profile for update",
                        Long.class)
                .setParameter("tenant", tenantId)
                .setParameter("profile", profile.id())
                .getResultStream()
                .map(gib -> ((Number) gib).longValue())
                .findFirst();
        if (limit.isPresent() && used(tenantId, profile.id()) + moreGib > limit.get()) {
            throw ProblemException.conflict(
                    "storage-limit",
                    "The team may have %d GiB on %s, has %d GiB, and this needs %d GiB more. Delete a disk, choose another storage profile, or ask an admin for a higher limit."
                            .formatted(limit.get(), profile.slug(), used(tenantId, profile.id()), moreGib));
        }
    }

    private long used(UUID tenantId, UUID profileId) {
        return em.createQuery(
                        "select coalesce(sum(sizeGib), 0) from DiskEntity where tenantId = :tenant and storageProfileId = :profile",
                        Long.class)
                .setParameter("tenant", tenantId)
                .setParameter("profile", profileId)
                .getSingleResult();
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
    public List<Limit> list(Caller caller, Profile profile) {
        caller.requireAdmin();
        List<?> rows = em.createNativeQuery(
                        """
                        select t.id, t.slug, l.gib,
                               (select coalesce(sum(d.size_gib), 0) from disk d
                                 where d.tenant_id = t.id and d.storage_profile_id = l.storage_profile_id)
                          from storage_limit l join tenant t on t.id = l.tenant_id
                         where l.storage_profile_id = :profile order by t.slug""",
                        Object[].class)
                .setParameter("profile", profile.id())
                .getResultList();
        return rows.stream()
                .map(Object[].class::cast)
                .map(row -> new Limit(
                        (UUID) row[0], (String) row[1], ((Number) row[2]).longValue(), ((Number) row[3]).longValue()))
                .toList();
    }

    /** Sets a limit, or takes it away. One below what is used takes nothing away and grants nothing new. @param gib null for no limit */
    @Transactional
    public void set(Caller caller, Profile profile, Tenant tenant, Long gib) {
        caller.requireAdmin();
        if (gib != null && (gib < 0 || gib > Disks.MOST_LIMIT_GIB)) {
            throw ProblemException.invalid(
                    "gib", "Choose between 0 and " + Disks.MOST_LIMIT_GIB + " GiB, or leave it empty for no limit.");
        }
        String sql = gib == null
                ? "delete from storage_limit where tenant_id = :tenant and storage_profile_id = :profile"
                : """
                  insert into storage_limit (tenant_id, storage_profile_id, gib) values (:tenant, :profile, :gib)
                  on conflict (tenant_id, storage_profile_id) do update set gib = excluded.gib""";
        Map<String, Object> before = new HashMap<>();
        em.createNativeQuery(
                        "select gib from storage_limit where tenant_id = :tenant and storage_profile_id = :profile")
                .setParameter("tenant", tenant.id())
                .setParameter("profile", profile.id())
                .getResultList()
                .forEach(limit -> before.put("gib", limit));
        var query =
                em.createNativeQuery(sql).setParameter("tenant", tenant.id()).setParameter("profile", profile.id());
        if (gib != null) {
            query.setParameter("gib", gib);
        }
        query.executeUpdate();
        audit.record(
                caller,
                "storage-limit.set",
                new Audit.Subject("tenant", tenant.id(), tenant.slug(), tenant.id(), tenant.slug()),
                Audit.change(before, gib == null ? Map.of() : Map.of("gib", gib), Map.of("storage", profile.slug())));
    }
}
