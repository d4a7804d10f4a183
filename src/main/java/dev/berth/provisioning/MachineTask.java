package dev.berth.provisioning;

import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.ExecutionOperations;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import dev.berth.machines.MachineQueue;
import dev.berth.machines.MachineStatus;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * The job "bring this machine to what is wanted", one for each machine. Two workers never work on one machine: a job
 * that db-scheduler revives because its worker seemed dead finds the machine's advisory lock taken and waits.
 */
@ApplicationScoped
class MachineTask {
    private static final Logger LOG = Logger.getLogger(MachineTask.class);
    private static final Duration BUSY = Duration.ofSeconds(2);
    private static final Duration AFTER_ERROR = Duration.ofSeconds(10);

    private final Reconciler reconciler;
    private final MachineStatus status;
    private final MachineQueue queue;
    private final DataSource dataSource;
    private final Clock clock;

    MachineTask(Reconciler reconciler, MachineStatus status, MachineQueue queue, DataSource dataSource, Clock clock) {
        this.reconciler = reconciler;
        this.status = status;
        this.queue = queue;
        this.dataSource = dataSource;
        this.clock = clock;
    }

    CustomTask<Void> forHost(String hostName) {
        FailureHandler<Void> later = (complete, operations) ->
                operations.reschedule(complete, clock.instant().plus(AFTER_ERROR));
        return Tasks.custom(DbQueue.TASK_PREFIX + hostName, Void.class)
                .onFailure(later)
                .onDeadExecutionRevive()
                .execute((instance, context) -> {
                    UUID machineId = UUID.fromString(instance.getId());
                    long generation = status.generation(machineId);
                    Outcome outcome = locked(machineId);
                    return completion(machineId, hostName, generation, outcome);
                });
    }

    private Outcome locked(UUID machineId) {
        try (Connection connection = dataSource.getConnection();
                var lock = connection.prepareStatement("select pg_try_advisory_lock(hashtextextended(?, 3))");
                var unlock = connection.prepareStatement("select pg_advisory_unlock(hashtextextended(?, 3))")) {
            lock.setString(1, machineId.toString());
            unlock.setString(1, machineId.toString());
            try (var row = lock.executeQuery()) {
                row.next();
                if (!row.getBoolean(1)) {
                    return Outcome.again(BUSY);
                }
            }
            try {
                return reconciler.reconcile(machineId);
            } finally {
                unlock.execute();
            }
        } catch (SQLException e) {
            LOG.warnf("Machine %s: the database failed: %s", machineId, e.getMessage());
            return Outcome.again(AFTER_ERROR);
        }
    }

    /**
     * Ends the job or sets its next run, and then has it run at once if something new is wanted by now. Whoever wants
     * something new changes the machine's row, then locks the job's row, then commits: either this waits for that
     * commit and sees the change, or that finds the job's row gone and makes a new one. No wish falls between.
     */
    private CompletionHandler<Void> completion(UUID machineId, String hostName, long generation, Outcome outcome) {
        return (ExecutionComplete complete, ExecutionOperations<Void> operations) -> {
            if (outcome.again() == null) {
                operations.stop();
            } else {
                operations.reschedule(complete, clock.instant().plus(outcome.again()));
            }
            if (status.generation(machineId) != generation) {
                QuarkusTransaction.requiringNew().run(() -> queue.enqueue(machineId, hostName));
            }
        };
    }
}
