package dev.berth.machines;

import dev.berth.catalog.ProfileUse;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/** Which machines use which network and storage profiles. */
@ApplicationScoped
public class ProfileFigures implements ProfileUse {
    /**
     * What a profile holds.
     *
     * @param cards network cards on it, and so MAC addresses of its range
     * @param addresses IP addresses of its range that cards have
     * @param machines the first of the machines on it, by name
     */
    public record Use(long cards, long addresses, List<Machine> machines) {}

    private final EntityManager em;

    ProfileFigures(EntityManager em) {
        this.em = em;
    }

    @Override
    @Transactional
    public Map<UUID, Long> machines(Collection<UUID> profileIds) {
        Map<UUID, Long> machines = new HashMap<>();
        if (profileIds.isEmpty()) {
            return machines;
        }
        count(
                "select networkProfileId, count(distinct machineId) from NicEntity where networkProfileId in :ids"
                        + " group by networkProfileId",
                profileIds,
                machines);
        count(
                "select storageProfileId, count(distinct coalesce(machineId, id)) from DiskEntity where"
                        + " storageProfileId in :ids group by storageProfileId",
                profileIds,
                machines);
        em.createQuery(
                        "select storageProfileId, count(*) from ShareEntity where storageProfileId in :ids"
                                + " group by storageProfileId",
                        Object[].class)
                .setParameter("ids", profileIds)
                .getResultList()
                .forEach(row -> machines.merge((UUID) row[0], (Long) row[1], Long::sum));
        spare(profileIds, machines);
        return machines;
    }

    /** Storage on which only a copy lies of a disk that is being moved, or was, is in use too. */
    private void spare(Collection<UUID> ids, Map<UUID, Long> machines) {
        em.createQuery("from MoveEntity where pending = true or state = :done", MoveEntity.class)
                .setParameter("done", MoveState.DONE)
                .getResultStream()
                .flatMap(move -> Stream.of(move.fromProfileId, move.toProfileId))
                .filter(ids::contains)
                .forEach(id -> machines.putIfAbsent(id, 1L));
    }

    private void count(String query, Collection<UUID> ids, Map<UUID, Long> machines) {
        em.createQuery(query, Object[].class)
                .setParameter("ids", ids)
                .getResultList()
                .forEach(row -> machines.put((UUID) row[0], (Long) row[1]));
    }

    /**
     * The GiB of all disks on each of these profiles, by the host that they lie on: what was promised, written or not.
     */
    @Transactional
    public Map<UUID, Map<UUID, Long>> promisedGib(Collection<UUID> profileIds) {
        Map<UUID, Map<UUID, Long>> promised = new HashMap<>();
        em.createQuery(
                        """
                        select storageProfileId, hostId, sum(sizeGib) from DiskEntity
                         where storageProfileId in :ids group by storageProfileId, hostId""",
                        Object[].class)
                .setParameter("ids", profileIds)
                .getResultList()
                .forEach(row -> promised.computeIfAbsent((UUID) row[0], id -> new HashMap<>())
                        .put((UUID) row[1], (Long) row[2]));
        return promised;
    }

    /** @param limit how many machines to name */
    @Transactional
    public Use of(Caller caller, UUID profileId, int limit) {
        caller.requireSeesAll();
        Object[] figures = em.createQuery(
                        "select count(*), count(address) from NicEntity where networkProfileId = :id", Object[].class)
                .setParameter("id", profileId)
                .getSingleResult();
        List<Machine> named = em.createQuery(
                        """
                        from MachineEntity m
                         where exists (select 1 from NicEntity n where n.machineId = m.id and n.networkProfileId = :id)
                            or exists (select 1 from DiskEntity d where d.machineId = m.id and d.storageProfileId = :id)
                            or exists (select 1 from ShareEntity s where s.machineId = m.id and s.storageProfileId = :id)
                         order by m.name, m.tenantSlug""",
                        MachineEntity.class)
                .setParameter("id", profileId)
                .setMaxResults(limit)
                .getResultStream()
                .map(MachineEntity::toMachine)
                .toList();
        return new Use((Long) figures[0], (Long) figures[1], named);
    }
}
