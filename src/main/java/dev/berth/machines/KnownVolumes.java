package dev.berth.machines;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** What may be on hosts: any other volume with our mark is left over. For the worker. */
@ApplicationScoped
public class KnownVolumes {
    private final EntityManager em;

    KnownVolumes(EntityManager em) {
        this.em = em;
    }

    /** The volumes on the storage profile that are disks, are going to be, or were and are kept. */
    @Transactional
    public Set<UUID> of(UUID profileId) {
        return new HashSet<>(em.createNativeQuery(
                        """
                        select volume from disk where storage_profile_id = :profile
                        union select from_volume from disk_move
                               where from_profile_id = :profile and (pending or state = 'DONE')
                        union select to_volume from disk_move
                               where to_profile_id = :profile and (pending or state = 'DONE')
                        union select id from storage_speed where profile_id = :profile and wanted""",
                        UUID.class)
                .setParameter("profile", profileId)
                .getResultList());
    }

    /** Of these volumes those that are none of that, on any profile. */
    @Transactional
    public Set<UUID> unknown(Collection<UUID> volumes) {
        Set<UUID> unknown = new HashSet<>(volumes);
        if (!unknown.isEmpty()) {
            em.createNativeQuery(
                            """
                            with asked as (select unnest(cast(:ids as uuid[])) as id)
                            select volume from disk where volume in (select id from asked)
                            union select from_volume from disk_move
                                   where from_volume in (select id from asked) and (pending or state = 'DONE')
                            union select to_volume from disk_move
                                   where to_volume in (select id from asked) and (pending or state = 'DONE')
                            union select id from storage_speed where id in (select id from asked) and wanted""",
                            UUID.class)
                    .setParameter("ids", array(volumes))
                    .getResultList()
                    .forEach(unknown::remove);
        }
        return unknown;
    }

    /** As PostgreSQL writes an array of UUIDs. */
    static String array(Collection<UUID> ids) {
        return ids.stream().map(UUID::toString).collect(Collectors.joining(",", "{", "}"));
    }
}
