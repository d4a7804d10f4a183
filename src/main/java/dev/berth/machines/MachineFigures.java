package dev.berth.machines;

import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Figures about many machines at once, for lists and dashboards: one query each, however many machines there are. */
@ApplicationScoped
public class MachineFigures {
    private final EntityManager em;

    MachineFigures(EntityManager em) {
        this.em = em;
    }

    /** What was made from a revision and is not gone. @param first some of them, by name */
    public record Made(long count, List<Machine> first) {
        public long more() {
            return count - first.size();
        }
    }

    /** The machines that were made from this revision; for admins. */
    @Transactional
    public Made madeFrom(Caller caller, UUID revisionId, int limit) {
        caller.requireSeesAll();
        return new Made(
                em.createQuery(
                                "select count(*) from MachineEntity where revisionId = :revision and goneAt is null",
                                Long.class)
                        .setParameter("revision", revisionId)
                        .getSingleResult(),
                em.createQuery(
                                "from MachineEntity where revisionId = :revision and goneAt is null order by name, id",
                                MachineEntity.class)
                        .setParameter("revision", revisionId)
                        .setMaxResults(limit)
                        .getResultStream()
                        .map(MachineEntity::toMachine)
                        .toList());
    }

    /** How many machines of a tenant are in each state, in the order of the states. */
    @Transactional
    public Map<MachineState, Long> counts(Caller caller, UUID tenantId) {
        requireSees(caller, tenantId);
        Map<MachineState, Long> counts = new EnumMap<>(MachineState.class);
        em.createQuery(
                        "select state, count(*) from MachineEntity where tenantId = :tenant and goneAt is null group by state",
                        Object[].class)
                .setParameter("tenant", tenantId)
                .getResultList()
                .forEach(row -> counts.put((MachineState) row[0], (Long) row[1]));
        return counts;
    }

    /** How many machines of these revisions a tenant has. */
    @Transactional
    public long count(UUID tenantId, Collection<UUID> revisionIds) {
        return revisionIds.isEmpty()
                ? 0
                : em.createQuery(
                                "select count(*) from MachineEntity where tenantId = :tenant and goneAt is null"
                                        + " and revisionId in :revisions",
                                Long.class)
                        .setParameter("tenant", tenantId)
                        .setParameter("revisions", revisionIds)
                        .getSingleResult();
    }

    /** How many machines each of these people has, whatever the tenant; nobody is named who has none. */
    @Transactional
    public Map<UUID, Long> owned(Collection<UUID> ownerIds) {
        Map<UUID, Long> owned = new HashMap<>();
        if (!ownerIds.isEmpty()) {
            em.createQuery(
                            "select ownerId, count(*) from MachineEntity where ownerId in :owners and goneAt is null"
                                    + " group by ownerId",
                            Object[].class)
                    .setParameter("owners", ownerIds)
                    .getResultList()
                    .forEach(row -> owned.put((UUID) row[0], (Long) row[1]));
        }
        return owned;
    }

    /** The people who own machines of a tenant, by id, in the order of their names. */
    @Transactional
    public Map<UUID, String> owners(Caller caller, UUID tenantId) {
        requireSees(caller, tenantId);
        Map<UUID, String> owners = new LinkedHashMap<>();
        em.createQuery(
                        """
                        select distinct ownerId, ownerName from MachineEntity
                         where tenantId = :tenant and goneAt is null order by ownerName""",
                        Object[].class)
                .setParameter("tenant", tenantId)
                .getResultList()
                .forEach(row -> owners.put((UUID) row[0], (String) row[1]));
        return owners;
    }

    /** The step that is under way for each of these machines that is being worked on; one query for all. */
    @Transactional
    public Map<UUID, String> currentSteps(Collection<UUID> ids) {
        if (ids.isEmpty()) {
            return Map.of();
        }
        Map<UUID, String> steps = new HashMap<>();
        em.createQuery(
                        "select machineId, step from EventEntity where machineId in :ids and state = :state order by id",
                        Object[].class)
                .setParameter("ids", ids)
                .setParameter("state", TimelineEntry.State.STARTED)
                .getResultList()
                .forEach(row -> steps.put((UUID) row[0], (String) row[1]));
        return steps;
    }

    /** How far the work on each of these machines is, by the machine's id; two queries for all. */
    @Transactional
    public Map<UUID, Work> work(Collection<UUID> ids) {
        Map<UUID, TimelineEntry> steps = new HashMap<>();
        // Of a run's steps the one under way counts, else the one that ended last: a retry goes back to earlier ones.
        em.createQuery(
                        """
                        select e from EventEntity e join MachineEntity m on m.id = e.machineId and m.generation = e.generation
                         where m.id in :ids and e.state <> :note order by e.finishedAt nulls last, e.id""",
                        EventEntity.class)
                .setParameter("ids", ids)
                .setParameter("note", TimelineEntry.State.NOTE)
                .getResultList()
                .forEach(event -> steps.put(event.machineId, event.toEntry()));
        Map<UUID, Work> work = new HashMap<>();
        em.createQuery("from MachineEntity where id in :ids", MachineEntity.class)
                .setParameter("ids", ids)
                .getResultList()
                .forEach(machine -> work.put(
                        machine.id,
                        new Work(machine.toMachine(), machine.operationAt, machine.attempt, steps.get(machine.id))));
        return work;
    }

    /** How long an operation usually takes: the median of the last runs, or empty as long as there were none. */
    @Transactional
    public Optional<Duration> typical(Operation operation) {
        return duration(em.createNativeQuery(
                        """
                        select percentile_cont(0.5) within group (order by seconds) from (
                            select extract(epoch from max(finished_at) - min(started_at)) as seconds
                              from machine_event
                             where id > (select coalesce(max(id), 0) from machine_event) - 5000
                               and operation = :operation and state <> 'NOTE'
                             group by machine_id, generation
                            having bool_and(state = 'DONE')) as runs""",
                        Double.class)
                .setParameter("operation", operation.name())
                .getSingleResult());
    }

    /**
     * How long a machine usually keeps a worker busy: the median of the last runs of all operations, or empty as long as
     * there were none.
     *
     * @param idleSteps steps that keep no worker busy
     */
    @Transactional
    public Optional<Duration> typicalWork(Collection<String> idleSteps) {
        return duration(em.createNativeQuery(
                        """
                        select percentile_cont(0.5) within group (order by seconds) from (
                            select sum(extract(epoch from finished_at - started_at)) as seconds
                              from machine_event
                             where id > (select coalesce(max(id), 0) from machine_event) - 5000
                               and state = 'DONE' and step not in (:idle)
                             group by machine_id, generation) as runs""",
                        Double.class)
                .setParameter("idle", idleSteps)
                .getSingleResult());
    }

    private static Optional<Duration> duration(Object seconds) {
        return seconds == null
                ? Optional.empty()
                : Optional.of(Duration.ofMillis(Math.round(((Number) seconds).doubleValue() * 1000)));
    }

    private static void requireSees(Caller caller, UUID tenantId) {
        if (!caller.sees(tenantId)) {
            throw ProblemException.notFound("tenant");
        }
    }
}
