package dev.berth.provisioning;

import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.ExecutionOperations;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.Hypervisors;
import dev.berth.hypervisor.Progress;
import dev.berth.machines.DiskStatus;
import dev.berth.machines.MachineDisk;
import dev.berth.machines.MachineQueue;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/**
 * The job "do what is wanted of this disk that is kept by itself": delete it, or make it larger. One for each disk;
 * repeated until it is done. A disk that is with a machine is left to {@link DiskWork}: while there is something to do
 * here, no machine gets the disk.
 */
@ApplicationScoped
class DiskTask {
    private static final Logger LOG = Logger.getLogger(DiskTask.class);
    private static final Duration BUSY = Duration.ofSeconds(2);
    private static final Duration AFTER_ERROR = Duration.ofSeconds(10);

    private final Hypervisors hypervisors;
    private final DiskStatus status;
    private final MachineQueue queue;
    private final FaultHold faults;
    private final ProvisioningConfig config;
    private final DataSource dataSource;
    private final Clock clock;
    private volatile boolean stopping;

    DiskTask(
            Hypervisors hypervisors,
            DiskStatus status,
            MachineQueue queue,
            FaultHold faults,
            ProvisioningConfig config,
            DataSource dataSource,
            Clock clock) {
        this.hypervisors = hypervisors;
        this.status = status;
        this.queue = queue;
        this.faults = faults;
        this.config = config;
        this.dataSource = dataSource;
        this.clock = clock;
    }

    /** The process is about to end: work that is under way goes back to the queue. */
    void stopSoon() {
        stopping = true;
    }

    CustomTask<Void> forHost(String hostName) {
        FailureHandler<Void> later = (complete, operations) ->
                operations.reschedule(complete, clock.instant().plus(AFTER_ERROR));
        return Tasks.custom(DbQueue.DISK_PREFIX + hostName, Void.class)
                .onFailure(later)
                .onDeadExecutionRevive()
                .execute((instance, context) -> {
                    UUID diskId = UUID.fromString(instance.getId());
                    return completion(diskId, hostName, locked(diskId, hostName));
                });
    }

    private Outcome locked(UUID diskId, String hostName) {
        try (Connection connection = dataSource.getConnection();
                var lock = connection.prepareStatement("select pg_try_advisory_lock(hashtextextended(?, 5))");
                var unlock = connection.prepareStatement("select pg_advisory_unlock(hashtextextended(?, 5))")) {
            lock.setString(1, diskId.toString());
            unlock.setString(1, diskId.toString());
            try (var row = lock.executeQuery()) {
                row.next();
                if (!row.getBoolean(1)) {
                    return Outcome.again(BUSY);
                }
            }
            try {
                return work(diskId, hostName);
            } finally {
                unlock.execute();
            }
        } catch (SQLException e) {
            LOG.warnf("Disk %s: the database failed: %s", diskId, e.getMessage());
            return Outcome.again(AFTER_ERROR);
        }
    }

    private Outcome work(UUID diskId, String hostName) {
        Optional<MachineDisk> found = status.loose(diskId);
        if (found.isEmpty() || stopping) {
            return Outcome.DONE;
        }
        try {
            Hypervisor host = hypervisors.get(hostName);
            host.ensureStorage(found.get().spec().storage());
            if (found.get().deleting()) {
                delete(host, found.get());
            } else {
                grow(host, found.get());
            }
            return Outcome.DONE;
        } catch (Steps.StoppingException e) {
            return Outcome.again(Duration.ZERO);
        } catch (HypervisorException e) {
            LOG.warnf("Disk %s on host %s: %s", diskId, hostName, e.getMessage());
            status.note(diskId, e.getMessage());
            return Outcome.after(e, config.retryPauses());
        }
    }

    private void delete(Hypervisor host, MachineDisk disk) {
        host.deleteDisk(disk.spec(), progress(disk));
        faults.after("LOOSE_DELETE");
        status.gone(disk);
    }

    private void grow(Hypervisor host, MachineDisk disk) {
        if (!host.diskExists(disk.spec())) {
            throw new HypervisorException(
                    Reason.MISSING,
                    "The disk is no longer on its host. Put it back from a backup, or delete it here too.");
        }
        host.ensureDisk(disk.spec(), progress(disk));
        faults.after("LOOSE_GROW");
        status.grown(disk);
    }

    private Progress progress(MachineDisk disk) {
        StepProgress progress = new StepProgress(message -> status.note(disk.id(), message));
        return (done, total) -> {
            if (stopping) {
                throw new Steps.StoppingException();
            }
            progress.at(done, total);
        };
    }

    /** As of {@link MachineTask}: whoever wants something new writes the disk's row before the job's row is looked at. */
    private CompletionHandler<Void> completion(UUID diskId, String hostName, Outcome outcome) {
        return (ExecutionComplete complete, ExecutionOperations<Void> operations) -> {
            if (outcome.again() == null) {
                operations.stop();
                if (status.loose(diskId).isPresent()) {
                    QuarkusTransaction.requiringNew().run(() -> queue.enqueueDisk(diskId, hostName));
                }
            } else {
                operations.reschedule(complete, clock.instant().plus(outcome.again()));
            }
        };
    }
}
