package dev.berth.provisioning;

import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.machines.MachineDisk;
import dev.berth.machines.MachineStatus;
import dev.berth.machines.Snapshot;
import dev.berth.machines.SnapshotStatus;
import dev.berth.machines.SnapshotStatus.Filling;
import dev.berth.machines.SnapshotStatus.Job;
import dev.berth.machines.Task;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Takes, reverts to and deletes snapshots of machines, and fills the disks of clones. Repeats without harm. */
@ApplicationScoped
class SnapshotWork {
    private final Steps steps;
    private final MachineStatus status;
    private final SnapshotStatus snapshots;
    private final ProvisioningConfig config;

    SnapshotWork(Steps steps, MachineStatus status, SnapshotStatus snapshots, ProvisioningConfig config) {
        this.steps = steps;
        this.status = status;
        this.snapshots = snapshots;
        this.config = config;
    }

    /** Whether the machine has to be off first. */
    boolean reverts(Task task) {
        return jobs(task, Snapshot.State.REVERTING).findAny().isPresent();
    }

    /** Brings the disks of a machine that is off back; nothing may start it before that is done. */
    void revert(Hypervisor host, Task task) throws StepException {
        for (Job job : jobs(task, Snapshot.State.REVERTING).toList()) {
            try {
                steps.run(task, Step.SNAPSHOT_REVERT, () -> {
                    host.revert(task.id(), job.id(), job.disks(), steps.progress(task, Step.SNAPSHOT_REVERT));
                    return job.name();
                });
                snapshots.reverted(job);
            } catch (StepException e) {
                // What is not there is not begun with. Anything else may have brought back some disks and not others.
                if (e.reason().reason() != Reason.MISSING) {
                    throw e;
                }
                giveUp(task, job, e);
            }
        }
    }

    /** Takes and deletes, whether the machine runs or not. */
    void keepUp(Hypervisor host, Task task) throws StepException {
        for (Job job : jobs(task, Snapshot.State.TAKING).toList()) {
            snapshots.begun(job);
            settle(
                    task,
                    job,
                    () -> steps.run(task, Step.SNAPSHOT_TAKE, () -> {
                        boolean frozen = host.takeSnapshot(task.id(), job.id(), job.disks(), job.again());
                        snapshots.taken(job, frozen, host.snapshotBytes(job.id(), job.disks()));
                        return frozen ? job.name() + "; the guest had written everything out" : job.name();
                    }));
        }
        for (Job job : jobs(task, Snapshot.State.DELETING).toList()) {
            settle(task, job, () -> {
                steps.run(task, Step.SNAPSHOT_DELETE, () -> {
                    host.deleteSnapshot(task.id(), job.id(), job.disks());
                    return job.name();
                });
                snapshots.deleted(job);
            });
        }
    }

    private interface Work {
        void run() throws StepException;
    }

    /** The machine is none the worse for a snapshot that can't be taken or deleted: then only the snapshot has failed. */
    private void settle(Task task, Job job, Work work) throws StepException {
        try {
            work.run();
        } catch (StepException e) {
            HypervisorException reason = e.reason();
            boolean triesLeft = reason.reason() == Reason.UNREACHABLE
                    || (reason.retryable()
                            && task.attempt() < config.retryPauses().size());
            if (triesLeft) {
                throw e;
            }
            giveUp(task, job, e);
        }
    }

    private void giveUp(Task task, Job job, StepException e) {
        status.stepFailed(task, e.step(), e.reason().getMessage(), false);
        snapshots.failed(job, e.reason().getMessage());
    }

    /** The machine goes. What its own disk keeps goes with it; of data disks that stay, the snapshots have to be deleted. */
    void leave(Hypervisor host, Task task) throws StepException {
        Set<UUID> staying = task.disks().stream()
                .filter(disk -> !disk.system() && !disk.deleting())
                .map(MachineDisk::id)
                .collect(Collectors.toSet());
        for (Job job : snapshots.all(task)) {
            List<DiskSpec> disks = job.disks().stream()
                    .filter(disk -> staying.contains(disk.id()))
                    .toList();
            if (!disks.isEmpty()) {
                steps.run(task, Step.SNAPSHOT_DELETE, () -> {
                    host.deleteSnapshot(task.id(), job.id(), disks);
                    return job.name();
                });
            }
        }
    }

    /** A clone's disks are copied from what they are clones of, before anything else could make them. */
    void fill(Hypervisor host, Task task) throws StepException {
        for (Filling filling : snapshots.fillings(task)) {
            steps.run(task, Step.DISK_FILL, () -> {
                host.ensureStorage(filling.to().storage());
                host.copySnapshot(
                        filling.from(), filling.snapshotId(), filling.to(), steps.progress(task, Step.DISK_FILL));
                return "";
            });
            snapshots.filled(filling);
        }
    }

    private Stream<Job> jobs(Task task, Snapshot.State state) {
        return snapshots.jobs(task).stream().filter(job -> job.state() == state);
    }
}
