package dev.berth.provisioning;

import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.machines.DiskStatus;
import dev.berth.machines.MachineDisk;
import dev.berth.machines.MachineStatus;
import dev.berth.machines.Task;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Brings a machine's disks to what is wanted, while it runs or while it is off. Repeats without harm. */
@ApplicationScoped
class DiskWork {
    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

    private final Steps steps;
    private final MachineStatus status;
    private final DiskStatus diskStatus;
    private final ProvisioningConfig config;
    private final Clock clock;

    DiskWork(Steps steps, MachineStatus status, DiskStatus diskStatus, ProvisioningConfig config, Clock clock) {
        this.steps = steps;
        this.status = status;
        this.diskStatus = diskStatus;
        this.config = config;
        this.clock = clock;
    }

    /** Puts pending disks into the running domain, and makes those that are there as large and as fast as they shall be. */
    void plug(Hypervisor host, Task task) throws StepException {
        if (task.pendingDisks().isEmpty()) {
            return;
        }
        prepare(host, task);
        steps.run(host, task, Step.DISK_DEFINE);
        List<MachineDisk> plugged = new ArrayList<>();
        List<MachineDisk> refused = new ArrayList<>();
        steps.run(task, Step.DISK_PLUG, () -> {
            task.pendingDisks().forEach(disk -> (plugged(host, disk) ? plugged : refused).add(disk));
            return refused.isEmpty() ? "" : "The host can't do this while the machine runs: at its next start.";
        });
        diskStatus.plugged(task, plugged);
        diskStatus.atNextStart(task, refused);
    }

    private void prepare(Hypervisor host, Task task) throws StepException {
        steps.run(host, task, Step.DISK_PREPARE);
        diskStatus.made(task, task.pendingDisks());
    }

    /** False if libvirt can't do it while the machine runs; the definition has it already. */
    private static boolean plugged(Hypervisor host, MachineDisk disk) {
        try {
            host.attachDisk(disk.spec());
            return true;
        } catch (HypervisorException e) {
            if (e.reason() == Reason.REJECTED) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Takes leaving disks out of the domain, which needs the guest's help if it was on before.
     *
     * @return when to ask again because the guest has not let go yet
     */
    Optional<Duration> unplug(Hypervisor host, Task task, boolean on) throws StepException {
        if (task.leavingDisks().isEmpty()) {
            return Optional.empty();
        }
        List<MachineDisk> held = List.of();
        if (on) {
            steps.run(host, task, Step.DISK_DEFINE);
            Instant begun = status.stepStarted(task, Step.DISK_UNPLUG.label());
            held = stillHeld(host, task);
            if (!held.isEmpty() && begun.plus(config.detachPatience()).isAfter(clock.instant())) {
                return Optional.of(ASK_AGAIN);
            }
            String message = held.isEmpty() ? "" : "The guest does not let go; the disk goes when it next stops.";
            steps.run(task, Step.DISK_UNPLUG, () -> message);
            diskStatus.held(task, held);
        }
        List<MachineDisk> free = new ArrayList<>(task.leavingDisks());
        free.removeAll(held);
        release(task, free);
        return Optional.empty();
    }

    private static List<MachineDisk> stillHeld(Hypervisor host, Task task) throws StepException {
        List<MachineDisk> held = new ArrayList<>();
        try {
            for (MachineDisk disk : task.leavingDisks()) {
                if (!host.detachDisk(disk.spec())) {
                    held.add(disk);
                }
            }
            return held;
        } catch (HypervisorException e) {
            throw new StepException(Step.DISK_UNPLUG.label(), e);
        }
    }

    private void release(Task task, List<MachineDisk> free) throws StepException {
        if (!free.isEmpty()) {
            steps.run(task, Step.DISK_RELEASE, () -> {
                diskStatus.released(task, free);
                return "";
            });
        }
    }

    /** The domain is off: its definition is all there is to change. */
    void whileOff(Hypervisor host, Task task) throws StepException {
        if (task.pendingDisks().isEmpty() && task.leavingDisks().isEmpty()) {
            return;
        }
        if (!task.pendingDisks().isEmpty()) {
            prepare(host, task);
        }
        steps.run(host, task, Step.DISK_DEFINE);
        diskStatus.plugged(task, task.pendingDisks());
        release(task, task.leavingDisks());
    }
}
