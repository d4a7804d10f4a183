package dev.berth.machines;

import dev.berth.catalog.Image;
import dev.berth.catalog.ImageStateChanged;
import dev.berth.catalog.ImageUse;
import dev.berth.catalog.Images;
import dev.berth.catalog.StorageProfiles;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** Which machines and disks stand on which images. */
@ApplicationScoped
public class ImageFigures implements ImageUse {
    /**
     * A quarantined image as it touches one tenant.
     *
     * @param machines how many machines stand on it
     * @param running how many of them run, and can't be started again once they stop
     */
    public record Affected(Image image, long machines, long running) {}

    private final EntityManager em;
    private final Images images;
    private final StorageProfiles storage;

    ImageFigures(EntityManager em, Images images, StorageProfiles storage) {
        this.em = em;
        this.images = images;
        this.storage = storage;
    }

    @Override
    @Transactional
    public List<Dependents> of(UUID imageId, Collection<UUID> revisionIds, int limit) {
        List<Dependents> found = new ArrayList<>();
        List<Dependent> machines = em.createQuery(
                        """
                        from MachineEntity m
                         where exists (select 1 from DiskEntity d where d.machineId = m.id and d.imageId = :id)
                            or m.goneAt is null and m.diskGib = 0 and m.revisionId in :revisions
                         order by case when m.seen in :on then 0 else 1 end, m.name, m.tenantSlug""",
                        MachineEntity.class)
                .setParameter("id", imageId)
                .setParameter("revisions", revisionIds)
                .setParameter("on", Seen.ON)
                .setMaxResults(limit)
                .getResultStream()
                .map(machine -> new Dependent(
                        machine.id.toString(), machine.name, machine.tenantSlug, Seen.ON.contains(machine.seen)))
                .toList();
        if (!machines.isEmpty()) {
            found.add(new Dependents(
                    Kind.MACHINE,
                    count("select count(distinct machineId) from DiskEntity where imageId = :id", imageId)
                            + diskless(revisionIds),
                    machines));
        }
        long alone = count("select count(*) from DiskEntity where imageId = :id and machineId is null", imageId);
        // A copy that was moved away from is kept for a while, and may be gone back to.
        alone += em.createQuery(
                        "select count(*) from MoveEntity where fromImageId = :id and (pending = true or state = :done)",
                        Long.class)
                .setParameter("id", imageId)
                .setParameter("done", MoveState.DONE)
                .getSingleResult();
        if (alone > 0) {
            found.add(new Dependents(Kind.DISK, alone, List.of()));
        }
        return found;
    }

    /** Machines without a disk need the kernel of their revision as long as they are there. */
    private long diskless(Collection<UUID> revisionIds) {
        return em.createQuery(
                        "select count(*) from MachineEntity where goneAt is null and diskGib = 0 and revisionId in :revisions",
                        Long.class)
                .setParameter("revisions", revisionIds)
                .getSingleResult();
    }

    private long count(String query, UUID imageId) {
        return em.createQuery(query, Long.class).setParameter("id", imageId).getSingleResult();
    }

    /**
     * The images that a machine can't start without.
     *
     * @param provisioned its disks are made: only those that keep reading their image need it
     */
    @Transactional
    public Set<UUID> standsOn(UUID machineId, boolean provisioned) {
        Set<UUID> leaning = storage.leaningOnImages();
        return em.createQuery(
                        "select imageId, storageProfileId from DiskEntity where machineId = :id and imageId is not null",
                        Object[].class)
                .setParameter("id", machineId)
                .getResultStream()
                .filter(row -> !provisioned || leaning.contains((UUID) row[1]))
                .map(row -> (UUID) row[0])
                .collect(Collectors.toSet());
    }

    /** Those quarantined images that the machine can't start without. */
    @Transactional
    public List<Image> quarantined(UUID machineId, boolean provisioned) {
        List<Image> suspects = images.quarantined();
        if (suspects.isEmpty()) {
            return List.of();
        }
        Set<UUID> needed = standsOn(machineId, provisioned);
        return suspects.stream().filter(image -> needed.contains(image.id())).toList();
    }

    /** Which of these machines can't start without a quarantined image, with the image's name. */
    @Transactional
    public Map<UUID, String> quarantined(Collection<UUID> machineIds) {
        List<Image> suspects = images.quarantined();
        if (suspects.isEmpty() || machineIds.isEmpty()) {
            return Map.of();
        }
        Map<UUID, String> names = suspects.stream().collect(Collectors.toMap(Image::id, Image::name));
        Set<UUID> leaning = storage.leaningOnImages();
        Map<UUID, String> found = new HashMap<>();
        em.createQuery(
                        """
                        select d.machineId, d.imageId, d.storageProfileId, m.provisionedAt
                          from DiskEntity d join MachineEntity m on m.id = d.machineId
                         where d.machineId in :machines and d.imageId in :images""",
                        Object[].class)
                .setParameter("machines", machineIds)
                .setParameter("images", names.keySet())
                .getResultStream()
                .filter(row -> row[3] == null || leaning.contains((UUID) row[2]))
                .forEach(row -> found.put((UUID) row[0], names.get((UUID) row[1])));
        return found;
    }

    /** @throws ProblemException conflict when the machine stands on an image that nothing starts from */
    void refuseStart(MachineEntity machine) {
        quarantined(machine.id, machine.provisionedAt != null).stream()
                .findFirst()
                .ifPresent(image -> {
                    throw ProblemException.conflict(
                            "image-quarantined",
                            "The machine's disk stands on the image " + image.name()
                                    + ", whose file is not what was imported, or was touched. Nothing starts from it"
                                    + " until an admin has put it right.");
                });
    }

    /** The quarantined images that machines of the tenant stand on. */
    @Transactional
    public List<Affected> affected(Caller caller, UUID tenantId) {
        if (!caller.sees(tenantId)) {
            throw ProblemException.notFound("tenant");
        }
        List<Image> suspects = images.quarantined();
        if (suspects.isEmpty()) {
            return List.of();
        }
        Map<UUID, Object[]> counts = new HashMap<>();
        em.createQuery(
                        """
                        select d.imageId, count(distinct m.id), count(distinct case when m.seen in :on then m.id end)
                          from DiskEntity d join MachineEntity m on m.id = d.machineId
                         where m.tenantId = :tenant and m.goneAt is null
                           and d.imageId in :images and d.storageProfileId in :leaning
                         group by d.imageId""",
                        Object[].class)
                .setParameter("on", Seen.ON)
                .setParameter("tenant", tenantId)
                .setParameter("images", suspects.stream().map(Image::id).toList())
                .setParameter("leaning", storage.leaningOnImages())
                .getResultList()
                .forEach(row -> counts.put((UUID) row[0], row));
        return suspects.stream()
                .filter(image -> counts.containsKey(image.id()))
                .map(image -> new Affected(image, (Long) counts.get(image.id())[1], (Long) counts.get(image.id())[2]))
                .toList();
    }

    /** Open pages of machines that stand on it show it anew. */
    void changed(@Observes ImageStateChanged change) {
        em.createNativeQuery(
                        """
                        select pg_notify('berth_changes', 'machine:' || m.tenant_id || ':' || m.id)
                          from machine m
                         where m.gone_at is null
                           and exists (select 1 from disk d where d.machine_id = m.id and d.image_id = :id)""",
                        Object.class)
                .setParameter("id", change.imageId())
                .getResultList();
    }
}
