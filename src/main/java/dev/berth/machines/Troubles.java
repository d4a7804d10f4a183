package dev.berth.machines;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What machines suffer from that is no failure of theirs: storage that their host has lost. For the worker. */
@ApplicationScoped
public class Troubles {
    private final MachineRepository machines;

    Troubles(MachineRepository machines) {
        this.machines = machines;
    }

    /** The storage profiles that machines of the host have disks on. */
    @Transactional
    public List<UUID> storageInUse(String hostName) {
        return machines.getEntityManager()
                .createQuery(
                        """
                        select distinct d.storageProfileId from DiskEntity d join MachineEntity m on m.id = d.machineId
                         where m.hostName = :host and m.goneAt is null""",
                        UUID.class)
                .setParameter("host", hostName)
                .getResultList();
    }

    /** These are lost, with a sentence each, and no others: machines of the host that are on them say so, others don't. */
    @Transactional
    public void storageLost(String hostName, Map<UUID, String> lost) {
        lost.forEach((profileId, sentence) -> machines.getEntityManager()
                .createNativeQuery(
                        """
                        update machine set trouble = :sentence
                         where host_name = :host and gone_at is null and trouble = ''
                           and id in (select machine_id from disk where storage_profile_id = :profile)""")
                .setParameter("sentence", sentence)
                .setParameter("host", hostName)
                .setParameter("profile", profileId)
                .executeUpdate());
        machines.getEntityManager()
                .createNativeQuery(
                        """
                        update machine set trouble = ''
                         where host_name = :host and trouble <> ''
                           and id not in (select machine_id from disk
                                           where machine_id is not null
                                             and storage_profile_id = any(cast(:lost as uuid[])))""")
                .setParameter("host", hostName)
                .setParameter("lost", lost.keySet().stream().map(UUID::toString).toArray(String[]::new))
                .executeUpdate();
    }
}
