package dev.berth.provisioning;

import dev.berth.hypervisor.DomainState;
import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.Hypervisors;
import dev.berth.machines.MachineStatus;
import dev.berth.machines.Operation;
import dev.berth.machines.Restart;
import dev.berth.machines.Seen;
import dev.berth.machines.Task;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Brings one machine from what is seen to what is wanted: reads the row, asks libvirt, takes the next steps, writes
 * down what came of it. Knows no history: a run that died anywhere is carried on by the next one.
 */
@ApplicationScoped
class Reconciler {
    private static final Logger LOG = Logger.getLogger(Reconciler.class);
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration SELDOM = Duration.ofSeconds(5);
    /** A guest that is still booting does not hear the power button: it is pressed again. */
    private static final Duration PRESS_AGAIN = Duration.ofSeconds(5);

    private static final String WATCH_ADDRESS = "Wait for the guest's address";
    private static final String SHUT_DOWN = "Ask the guest to power off";
    /** Steps that wait for a guest and keep no worker busy. */
    static final Set<String> IDLE_STEPS =
            Set.of(WATCH_ADDRESS, SHUT_DOWN, Step.CARD_UNPLUG.label(), Step.DISK_UNPLUG.label());

    /** What may be done with a machine that runs, and that its guest's address does not change by. */
    private static final Set<Operation> QUIET =
            Set.of(Operation.NETWORK, Operation.RESIZE, Operation.DISKS, Operation.MOVE, Operation.SNAPSHOT);

    private final Hypervisors hypervisors;
    private final MachineStatus status;
    private final HostPorts ports;
    private final ProvisioningConfig config;
    private final Steps steps;
    private final CardWork cards;
    private final MoveWork moves;
    private final CaptureWork captures;
    private final DiskWork disks;
    private final ShareWork shares;
    private final SnapshotWork snapshots;
    private final SeenAddresses addresses;
    private final Clock clock;

    Reconciler(
            Hypervisors hypervisors,
            MachineStatus status,
            HostPorts ports,
            ProvisioningConfig config,
            Steps steps,
            CardWork cards,
            MoveWork moves,
            CaptureWork captures,
            DiskWork disks,
            ShareWork shares,
            SnapshotWork snapshots,
            SeenAddresses addresses,
            Clock clock) {
        this.hypervisors = hypervisors;
        this.status = status;
        this.ports = ports;
        this.config = config;
        this.steps = steps;
        this.cards = cards;
        this.moves = moves;
        this.captures = captures;
        this.disks = disks;
        this.shares = shares;
        this.snapshots = snapshots;
        this.addresses = addresses;
        this.clock = clock;
    }

    /** From now on runs end after the step at hand. */
    void stopSoon() {
        steps.stopSoon();
    }

    Outcome reconcile(UUID machineId) {
        Optional<Task> found = status.task(machineId);
        if (found.isEmpty() || found.get().failed()) {
            return Outcome.DONE;
        }
        Task task = found.get();
        try {
            Hypervisor host = connect(task);
            return switch (task.wanted()) {
                case RUNNING -> toRunning(host, task);
                case STOPPED -> toStopped(host, task);
                case GONE -> toGone(host, task);
            };
        } catch (Steps.StoppingException e) {
            return Outcome.again(Duration.ZERO);
        } catch (StepException e) {
            return failed(task, e);
        }
    }

    private Hypervisor connect(Task task) throws StepException {
        try {
            return hypervisors.get(task.hostName());
        } catch (HypervisorException e) {
            String step = "Reach the host";
            status.stepStarted(task, step);
            throw new StepException(step, e);
        }
    }

    private Outcome toRunning(Hypervisor host, Task task) throws StepException {
        Seen seen = look(host, task);
        boolean on = seen == Seen.RUNNING || seen == Seen.PAUSED;
        if (task.restart() == Restart.CYCLE) {
            if (on || seen == Seen.SHUTTING_DOWN) {
                if (!patienceIsOver(task)) {
                    return askToPowerOff(host, task, seen);
                }
                steps.run(host, task, Step.POWER_OFF);
            }
            status.stepDone(task, SHUT_DOWN, "");
            // Before it starts: whoever carries on from here does not switch it off again.
            status.restarted(task);
            on = false;
        }
        if (snapshots.reverts(task)) {
            steps.run(host, task, Step.POWER_OFF);
            snapshots.revert(host, task);
            on = false;
        }
        if (!on || !task.provisioned()) {
            for (Step step : Step.TO_RUNNING) {
                // First-boot settings are for the first boot: afterwards only a definition that was lost needs them,
                // and
                // shared directories, which a guest mounts at each boot.
                if (step == Step.SEED
                        && task.provisioned()
                        && seen != Seen.NONE
                        && task.shares().isEmpty()) {
                    continue;
                }
                if (step == Step.DISK && task.disks().isEmpty()) {
                    continue;
                }
                if (step == Step.DEFINE) {
                    shares.prepare(host, task);
                }
                if (step == Step.DISK) {
                    snapshots.fill(host, task);
                }
                steps.run(host, task, step);
                if (step == Step.DEFINE && !on && task.resizing()) {
                    status.resized(task);
                }
            }
            status.running(task, !on);
        } else if (task.restart() != null) {
            restart(host, task);
        } else {
            status.seen(task, seen);
        }
        if (on && task.resizing()) {
            steps.run(task, Step.SIZE_DEFINE, () -> {
                host.define(task.domain());
                return "The machine has its new size from its next start.";
            });
        }
        moves.whileOn(host, task);
        if (on) {
            cards.plug(host, task);
        }
        disks.plug(host, task);
        shares.keepUp(host, task, true, !on);
        snapshots.keepUp(host, task);
        Optional<Duration> waiting = cards.unplug(host, task, on);
        Optional<Duration> alsoWaiting = disks.unplug(host, task, on);
        if (waiting.isEmpty()) {
            waiting = alsoWaiting;
        }
        return waiting.isPresent() ? Outcome.again(waiting.get()) : watchAddress(host, task);
    }

    private void restart(Hypervisor host, Task task) throws StepException {
        boolean reset = task.restart() == Restart.RESET;
        steps.act(task, reset ? "Reset" : "Ask the guest to reboot", () -> {
            if (reset) {
                host.reset(task.id());
            } else {
                host.requestReboot(task.id());
            }
        });
        status.restarted(task);
    }

    /** The guest is up when its network has seen it ask for its address. One that never does is no failure. */
    private Outcome watchAddress(Hypervisor host, Task task) throws StepException {
        // What came or went while the guest was up is no reason to wait for the guest.
        if (!QUIET.contains(task.operation()) && !task.staying().isEmpty()) {
            status.stepStarted(task, WATCH_ADDRESS);
            Optional<String> address;
            try {
                address = host.seenAddress(task.staying().get(0).spec());
            } catch (HypervisorException e) {
                throw new StepException(WATCH_ADDRESS, e);
            }
            if (address.isEmpty() && since(task).compareTo(config.addressPatience()) < 0) {
                return Outcome.again(watchPause(since(task)));
            }
            status.stepDone(
                    task,
                    WATCH_ADDRESS,
                    address.orElse("The guest has not asked for its address; its console may tell why."));
        }
        addresses.look(host, task.staying());
        status.settled(task);
        return Outcome.DONE;
    }

    /** A tenth of the time so far: many machines that come up at once are not all asked about each second. */
    static Duration watchPause(Duration waited) {
        Duration pause = waited.dividedBy(10);
        if (pause.compareTo(SOON) < 0) {
            return SOON;
        }
        return pause.compareTo(SELDOM) > 0 ? SELDOM : pause;
    }

    private Outcome toStopped(Hypervisor host, Task task) throws StepException {
        Seen seen = look(host, task);
        if (seen == Seen.RUNNING || seen == Seen.PAUSED || seen == Seen.SHUTTING_DOWN) {
            if (!task.forceStop() && !patienceIsOver(task)) {
                return askToPowerOff(host, task, seen);
            }
            steps.run(host, task, Step.POWER_OFF);
        } else if (seen == Seen.NONE) {
            for (Step step : Step.TO_DEFINED) {
                if (step == Step.DISK) {
                    snapshots.fill(host, task);
                }
                steps.run(host, task, step);
            }
        }
        status.stepDone(task, SHUT_DOWN, "");
        status.seen(task, Seen.STOPPED);
        if (task.resizing()) {
            steps.run(host, task, Step.SIZE_DEFINE);
            status.resized(task);
        }
        cards.whileOff(host, task);
        disks.whileOff(host, task);
        shares.keepUp(host, task, false, false);
        moves.whileOff(host, task);
        captures.whileOff(host, task);
        snapshots.revert(host, task);
        snapshots.keepUp(host, task);
        status.settled(task);
        return Outcome.DONE;
    }

    private boolean patienceIsOver(Task task) {
        return since(task).compareTo(config.shutdownPatience()) >= 0;
    }

    private Outcome askToPowerOff(Hypervisor host, Task task, Seen seen) throws StepException {
        status.stepStarted(task, SHUT_DOWN);
        press(host, task);
        status.seen(task, seen);
        return Outcome.again(PRESS_AGAIN);
    }

    private static void press(Hypervisor host, Task task) throws StepException {
        try {
            host.requestShutdown(task.id());
        } catch (HypervisorException e) {
            throw new StepException(SHUT_DOWN, e);
        }
    }

    private Outcome toGone(Hypervisor host, Task task) throws StepException {
        for (Step step : Step.TO_GONE) {
            if (step == Step.CLOSE_PORTS) {
                steps.run(task, step, () -> {
                    ports.apply(task.hostName());
                    return "";
                });
            } else {
                steps.run(host, task, step);
            }
        }
        moves.drop(host, task);
        snapshots.leave(host, task);
        status.gone(task);
        return Outcome.DONE;
    }

    private Seen look(Hypervisor host, Task task) throws StepException {
        try {
            return seen(host.state(task.id()));
        } catch (HypervisorException e) {
            String step = "Look at the host";
            status.stepStarted(task, step);
            throw new StepException(step, e);
        }
    }

    static Seen seen(Optional<DomainState> state) {
        return state.map(there -> switch (there) {
                    case RUNNING -> Seen.RUNNING;
                    case PAUSED -> Seen.PAUSED;
                    case SHUTTING_DOWN -> Seen.SHUTTING_DOWN;
                    case STOPPED -> Seen.STOPPED;
                    case CRASHED -> Seen.CRASHED;
                })
                .orElse(Seen.NONE);
    }

    private Outcome failed(Task task, StepException e) {
        HypervisorException reason = e.reason();
        boolean away = reason.reason() == HypervisorException.Reason.UNREACHABLE;
        List<Duration> pauses = config.retryPauses();
        LOG.warnf(
                "Machine %s: \"%s\" failed at try %d: %s",
                task.id(), e.step(), task.attempt() + 1, reason.getMessage());
        if (away || (reason.retryable() && task.attempt() < pauses.size())) {
            status.stepFailed(task, e.step(), reason.getMessage(), !away);
            return Outcome.again(pauses.get(Math.min(task.attempt(), pauses.size() - 1)));
        }
        String code = reason.reason().name().toLowerCase(java.util.Locale.ROOT);
        status.failed(task, e.step(), code, reason.getMessage());
        return Outcome.DONE;
    }

    private Duration since(Task task) {
        return Duration.between(task.operationAt(), clock.instant());
    }
}
