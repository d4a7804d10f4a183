package dev.berth.machines;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * What machines suffer from that is no failure of theirs: storage that their host has lost, a snapshot that is nearly full.
 * For the worker.
 */
@ApplicationScoped
public class Troubles {
    private static final int FULL_PERCENT = 100;

    private final MachineRepository machines;
    private final Snapshots.SnapshotRepository snapshots;
    private final Timeline timeline;
    private final TroubleNotices notices;

    Troubles(
            MachineRepository machines,
            Snapshots.SnapshotRepository snapshots,
            Timeline timeline,
            TroubleNotices notices) {
        this.machines = machines;
        this.snapshots = snapshots;
        this.timeline = timeline;
        this.notices = notices;
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

    /**
     * What is wrong on the host now; what machines said before and is over they say no longer.
     *
     * @param lost storage profiles that the host has lost, with a sentence each
     * @param filled how full snapshots are in percent, of those that were looked at
     */
    @Transactional
    public void seen(String hostName, Map<UUID, String> lost, Map<UUID, Integer> filled) {
        fill(filled);
        Map<UUID, String> wanted = new HashMap<>();
        onStorage(hostName, lost.keySet())
                .forEach(row -> wanted.merge((UUID) row[0], lost.get((UUID) row[1]), Troubles::both));
        filling(hostName)
                .forEach(row -> wanted.merge(
                        (UUID) row[0], fillingSentence((String) row[1], (Integer) row[2]), Troubles::both));
        Map<UUID, String> said = new HashMap<>();
        machines.getEntityManager()
                .createQuery(
                        """
                        select m.id, m.trouble from MachineEntity m
                         where m.hostName = :host and m.goneAt is null and m.trouble <> ''""",
                        Object[].class)
                .setParameter("host", hostName)
                .getResultList()
                .forEach(row -> said.put((UUID) row[0], (String) row[1]));
        Set<UUID> all = new HashSet<>(wanted.keySet());
        all.addAll(said.keySet());
        Map<UUID, String> fresh = new HashMap<>();
        for (UUID id : all) {
            String sentence = wanted.getOrDefault(id, "");
            if (!sentence.equals(said.getOrDefault(id, ""))) {
                machines.update("trouble = ?1 where id = ?2", sentence, id);
                if (!sentence.isEmpty() && !said.containsKey(id)) {
                    fresh.put(id, sentence);
                }
            }
        }
        notices.troubled(fresh);
    }

    private static String both(String one, String other) {
        return one.contains(other) ? one : one + ' ' + other;
    }

    private List<Object[]> onStorage(String hostName, Set<UUID> profiles) {
        return profiles.isEmpty()
                ? List.of()
                : machines.getEntityManager()
                        .createQuery(
                                """
                                select distinct m.id, d.storageProfileId
                                  from DiskEntity d join MachineEntity m on m.id = d.machineId
                                 where m.hostName = :host and m.goneAt is null and d.storageProfileId in :profiles
                                 order by m.id, d.storageProfileId""",
                                Object[].class)
                        .setParameter("host", hostName)
                        .setParameter("profiles", profiles)
                        .getResultList();
    }

    private List<Object[]> filling(String hostName) {
        return machines.getEntityManager()
                .createQuery(
                        """
                        select m.id, s.name, s.filledPercent from SnapshotEntity s join MachineEntity m on m.id = s.machineId
                         where m.hostName = :host and m.goneAt is null and s.state = :ready and s.filledPercent >= :nearly
                         order by m.id, s.position""",
                        Object[].class)
                .setParameter("host", hostName)
                .setParameter("ready", Snapshot.State.READY)
                .setParameter("nearly", Snapshot.NEARLY_FULL_PERCENT)
                .getResultList();
    }

    private static String fillingSentence(String name, int percent) {
        return ("Snapshot \"%s\" is %d %% full. When it is full, what it keeps is lost: delete it, or clone a machine from"
                        + " it first.")
                .formatted(name, percent);
    }

    /** Writes down how full they are. What has just become too full is noted on its machine's timeline. */
    private void fill(Map<UUID, Integer> filled) {
        if (filled.isEmpty()) {
            return;
        }
        for (SnapshotEntity snapshot : snapshots
                .find("id in ?1 and state = ?2 order by id", filled.keySet(), Snapshot.State.READY)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list()) {
            int before = snapshot.filledPercent == null ? 0 : snapshot.filledPercent;
            int now = filled.get(snapshot.id);
            snapshot.filledPercent = now;
            if (now >= FULL_PERCENT) {
                snapshot.state = Snapshot.State.FAILED;
                snapshot.note =
                        "It is lost: more was overwritten than it had room for. The machine goes on. Delete it.";
                note(snapshot, "Snapshot \"%s\" was full and is lost".formatted(snapshot.name));
            } else if (now >= Snapshot.NEARLY_FULL_PERCENT && before < Snapshot.NEARLY_FULL_PERCENT) {
                note(snapshot, "Snapshot \"%s\" is %d %% full".formatted(snapshot.name, now));
            }
        }
    }

    private void note(SnapshotEntity snapshot, String text) {
        timeline.note(machines.findById(snapshot.machineId), Operation.OBSERVE, text);
    }
}
