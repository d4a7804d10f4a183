package dev.berth.provisioning;

import dev.berth.machines.MachineQueue;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.UUID;

/**
 * Puts jobs into db-scheduler's table, in the caller's transaction, and wakes the host's worker when that commits.
 *
 * <p>Plain SQL instead of db-scheduler's client: its "schedule if it does not exist" is a select and an insert, and an
 * insert that loses a race breaks the transaction that it joined. A job that runs already is left alone: the change of
 * the machine's generation, written before this, makes the queue run it again (see {@link MachineTask}).
 */
@ApplicationScoped
class DbQueue implements MachineQueue {
    /** One task for each host, so that a worker takes the jobs of its own hosts only. */
    static final String TASK_PREFIX = "machine@";

    /** The same for disks that are kept by themselves. */
    static final String DISK_PREFIX = "disk@";

    /** The same for what is to be removed and belongs to nothing. */
    static final String STRAY_PREFIX = "stray@";

    private static final String HURRY =
            "do update set execution_time = now(), version = scheduled_tasks.version + 1 where not scheduled_tasks.picked";

    static final String CHANNEL = "berth_jobs";

    private final EntityManager em;

    DbQueue(EntityManager em) {
        this.em = em;
    }

    @Override
    @Transactional(Transactional.TxType.MANDATORY)
    public void enqueue(UUID machineId, String hostName) {
        insert(TASK_PREFIX, machineId, hostName, HURRY);
    }

    @Override
    @Transactional
    public void ensureQueued(UUID machineId, String hostName) {
        insert(TASK_PREFIX, machineId, hostName, "do nothing");
    }

    @Override
    @Transactional(Transactional.TxType.MANDATORY)
    public void enqueueDisk(UUID diskId, String hostName) {
        insert(DISK_PREFIX, diskId, hostName, HURRY);
    }

    @Override
    @Transactional
    public void ensureDiskQueued(UUID diskId, String hostName) {
        insert(DISK_PREFIX, diskId, hostName, "do nothing");
    }

    @Override
    @Transactional(Transactional.TxType.MANDATORY)
    public void enqueueStray(UUID strayId, String hostName) {
        insert(STRAY_PREFIX, strayId, hostName, HURRY);
    }

    @Override
    @Transactional
    public void ensureStrayQueued(UUID strayId, String hostName) {
        insert(STRAY_PREFIX, strayId, hostName, "do nothing");
    }

    private void insert(String prefix, UUID id, String hostName, String whenThere) {
        em.createNativeQuery(
                        """
                        insert into scheduled_tasks (task_name, task_instance, execution_time, picked, version)
                        values (:task, :id, now(), false, 1)
                        on conflict (task_name, task_instance)\s"""
                                + whenThere)
                .setParameter("task", prefix + hostName)
                .setParameter("id", id.toString())
                .executeUpdate();
        em.createNativeQuery("select pg_notify(:channel, :host)", Object.class)
                .setParameter("channel", CHANNEL)
                .setParameter("host", hostName)
                .getSingleResult();
    }
}
