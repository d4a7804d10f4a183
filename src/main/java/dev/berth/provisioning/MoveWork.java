package dev.berth.provisioning;

import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.Progress;
import dev.berth.machines.MachineStatus;
import dev.berth.machines.MoveState;
import dev.berth.machines.MoveStatus;
import dev.berth.machines.Moving;
import dev.berth.machines.Task;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * Moves disks of machines that are off to other storage. The disk's row says which copy is the disk: it changes in one
 * transaction, after the new copy has been compared with the old one. Whatever dies leaves one or the other in use.
 */
@ApplicationScoped
class MoveWork {
    private final Steps steps;
    private final MachineStatus machineStatus;
    private final MoveStatus status;
    private final ProvisioningConfig config;

    MoveWork(Steps steps, MachineStatus machineStatus, MoveStatus status, ProvisioningConfig config) {
        this.steps = steps;
        this.machineStatus = machineStatus;
        this.status = status;
        this.config = config;
    }

    /** The domain is off: copies what has to move, and brings the definition up to the disks' rows. */
    void whileOff(Hypervisor host, Task task) throws StepException {
        for (Moving move : status.pending(task.id())) {
            if (move.state().copying()) {
                copy(host, task, move);
            }
        }
        List<Moving> pending = status.pending(task.id());
        if (pending.isEmpty()) {
            return;
        }
        steps.run(task, Step.MOVE_DEFINE, () -> {
            machineStatus.task(task.id()).ifPresent(now -> host.define(now.domain()));
            return "";
        });
        clear(host, task, pending);
    }

    /** The domain has been defined anew when it started; what is left over can go. */
    void whileOn(Hypervisor host, Task task) throws StepException {
        clear(host, task, status.pending(task.id()));
    }

    /** The machine goes: of each disk that is or was moved, the copy that is not the disk goes too. */
    void drop(Hypervisor host, Task task) throws StepException {
        delete(host, task, status.open(task.id()));
    }

    private Progress progress(Task task, Moving move, Step step) {
        return steps.progress(task, step, () -> status.wanted(move.id()));
    }

    private void copy(Hypervisor host, Task task, Moving move) throws StepException {
        try {
            if (move.state() == MoveState.COPYING) {
                steps.run(task, Step.MOVE_COPY, () -> {
                    host.ensureStorage(move.from().storage());
                    host.ensureStorage(move.to().storage());
                    host.fillDisk(move.to(), move.from(), progress(task, move, Step.MOVE_COPY));
                    return "";
                });
                status.copied(move.id(), host.diskBytes(move.from()));
            }
            String[] digest = new String[1];
            steps.run(task, Step.MOVE_VERIFY, () -> {
                digest[0] = host.verifyDisk(move.to(), move.from(), progress(task, move, Step.MOVE_VERIFY));
                return "The same: SHA-256 " + digest[0].substring(0, 12) + "...";
            });
            status.verified(move.id(), digest[0]);
        } catch (StepException e) {
            HypervisorException reason = e.reason();
            boolean again = reason.reason() == Reason.UNREACHABLE
                    || (reason.retryable()
                            && task.attempt() < config.retryPauses().size());
            if (again) {
                throw e;
            }
            // The machine is well: it is the move that can't be done.
            machineStatus.stepFailed(task, e.step(), reason.getMessage(), false);
            status.failed(move.id(), reason.getMessage());
        }
    }

    private void clear(Hypervisor host, Task task, List<Moving> pending) throws StepException {
        pending.stream().filter(move -> move.state() == MoveState.DONE).forEach(move -> status.defined(move.id()));
        delete(
                host,
                task,
                pending.stream()
                        .filter(move ->
                                move.state() != MoveState.DONE && !move.state().copying())
                        .toList());
    }

    private void delete(Hypervisor host, Task task, List<Moving> ended) throws StepException {
        if (ended.isEmpty()) {
            return;
        }
        steps.run(task, Step.MOVE_CLEAN, () -> {
            for (Moving move : ended) {
                host.ensureStorage(move.spare().storage());
                host.deleteDisk(move.spare(), steps.progress(task, Step.MOVE_CLEAN));
            }
            return "";
        });
        ended.forEach(move -> status.over(move.id()));
    }
}
