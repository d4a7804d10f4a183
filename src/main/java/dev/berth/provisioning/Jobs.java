package dev.berth.provisioning;

import dev.berth.audit.Audit;
import dev.berth.common.Cursor;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineFigures;
import dev.berth.machines.MachineQueue;
import dev.berth.machines.Work;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The queue as people see it. */
@ApplicationScoped
public class Jobs {
    private static final String STATE =
            "case when picked then 'RUNNING' when execution_time <= now() then 'WAITING' else 'SCHEDULED' end";

    /**
     * Which jobs are wanted.
     *
     * @param state null for any
     * @param hostName null or empty for any
     */
    public record Filter(Job.State state, String hostName) {}

    private record Row(UUID machineId, Job.State state, Instant dueAt, String pickedBy) {
        static Row of(Object[] row) {
            return new Row(
                    UUID.fromString((String) row[0]),
                    Job.State.valueOf((String) row[1]),
                    (Instant) row[2],
                    row[3] == null ? "" : (String) row[3]);
        }

        Job job(Work work) {
            return new Job(work, state, dueAt, pickedBy);
        }
    }

    private final EntityManager em;
    private final MachineFigures figures;
    private final MachineQueue queue;
    private final Audit audit;

    Jobs(EntityManager em, MachineFigures figures, MachineQueue queue, Audit audit) {
        this.em = em;
        this.figures = figures;
        this.queue = queue;
        this.audit = audit;
    }

    /** The jobs in the order in which they are or were due; for admins. */
    @Transactional
    public Page<Job> list(Caller caller, Filter filter, int limit, String cursorText) {
        caller.requireSeesAll();
        Cursor cursor = Cursor.decode(cursorText);
        Map<String, Object> parameters = new HashMap<>();
        parameters.put("prefix", DbQueue.TASK_PREFIX + "%");
        StringBuilder where = new StringBuilder("task_name like :prefix");
        if (filter.state() != null) {
            where.append(" and ").append(STATE).append(" = :state");
            parameters.put("state", filter.state().name());
        }
        if (filter.hostName() != null && !filter.hostName().isEmpty()) {
            where.append(" and task_name = :task");
            parameters.put("task", DbQueue.TASK_PREFIX + filter.hostName());
        }
        if (cursor != null) {
            where.append(" and (execution_time, task_instance) > (:due, :id)");
            parameters.put("due", Timestamp.from(cursor.instant()));
            parameters.put("id", cursor.uuid().toString());
        }
        List<Row> rows = rows(where + " order by execution_time, task_instance limit " + (limit + 1), parameters);
        Map<UUID, Work> work = figures.work(rows.stream().map(Row::machineId).toList());
        return Page.of(
                rows.stream().map(row -> row.job(work.get(row.machineId()))).toList(),
                limit,
                job -> new Cursor(
                        job.dueAt().toString(), job.work().machine().id().toString()));
    }

    /**
     * Has a job that waits for its time run now; for admins.
     *
     * @throws ProblemException not found when the machine has no job, conflict when it waits for a worker or runs
     */
    @Transactional
    public Job runNow(Caller caller, UUID machineId) {
        caller.requireAdmin();
        Job job = find(machineId);
        if (!job.canRunNow()) {
            throw ProblemException.conflict(
                    "wrong-state",
                    job.state() == Job.State.RUNNING
                            ? "A worker is at it already."
                            : "It is due already and waits for a worker.");
        }
        Machine machine = job.work().machine();
        queue.enqueue(machineId, machine.hostName());
        audit.record(
                caller,
                "job.run-now",
                new Audit.Subject("machine", machineId, machine.name(), machine.tenantId(), machine.tenantSlug()),
                Map.of("due", job.dueAt().toString()));
        return find(machineId);
    }

    private Job find(UUID machineId) {
        return rows(
                        "task_name like :prefix and task_instance = :machine",
                        Map.of("prefix", DbQueue.TASK_PREFIX + "%", "machine", machineId.toString()))
                .stream()
                .findFirst()
                .map(row -> row.job(figures.work(List.of(machineId)).get(machineId)))
                .orElseThrow(() -> ProblemException.notFound("job"));
    }

    private List<Row> rows(String where, Map<String, Object> parameters) {
        var query = em.createNativeQuery(
                "select task_instance, " + STATE + ", execution_time, picked_by from scheduled_tasks where " + where,
                Object[].class);
        parameters.forEach(query::setParameter);
        List<?> rows = query.getResultList();
        return rows.stream().map(row -> Row.of((Object[]) row)).toList();
    }

    /**
     * The place of a machine in its host's queue; empty when it does not wait for a worker. When it will be its turn
     * follows from how long the last machines kept a worker busy and how many are being worked on at once.
     */
    @Transactional
    public Optional<Place> place(Machine machine) {
        List<?> rows = em.createNativeQuery(
                        """
                        with waiting as (
                            select task_instance, row_number() over (order by execution_time, task_instance) as position,
                                   count(*) over () as all_of_them
                              from scheduled_tasks where task_name = :task and not picked and execution_time <= now())
                        select position, all_of_them,
                               (select count(*) from scheduled_tasks where task_name = :task and picked)
                          from waiting where task_instance = :machine""",
                        Object[].class)
                .setParameter("task", DbQueue.TASK_PREFIX + machine.hostName())
                .setParameter("machine", machine.id().toString())
                .getResultList();
        return rows.stream().findFirst().map(row -> place(machine.hostName(), (Object[]) row));
    }

    private Place place(String hostName, Object[] row) {
        long position = ((Number) row[0]).longValue();
        long running = ((Number) row[2]).longValue();
        Optional<Duration> start = running == 0
                ? Optional.empty()
                : figures.typicalWork(Reconciler.IDLE_STEPS)
                        .map(work -> work.multipliedBy(position).dividedBy(running));
        return new Place(hostName, position, ((Number) row[1]).longValue(), start);
    }
}
