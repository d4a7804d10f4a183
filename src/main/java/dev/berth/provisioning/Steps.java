package dev.berth.provisioning;

import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.Progress;
import dev.berth.machines.MachineStatus;
import dev.berth.machines.Task;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Takes steps: each is written on the timeline when it begins and when it ends, and timed. */
@ApplicationScoped
class Steps {
    private static final Logger LOG = Logger.getLogger(Steps.class);

    /** Steps that start from what the machine's image holds, or read it through a disk that stands on it. */
    private static final Set<Step> READ_IMAGES = EnumSet.of(Step.DISK, Step.MOVE_COPY, Step.CAPTURE);

    private static final Duration ASK_AGAIN = Duration.ofSeconds(2);

    private final MachineStatus status;
    private final ImageWatch images;
    private final FaultHold faults;
    private final MeterRegistry metrics;
    private volatile boolean stopping;

    Steps(MachineStatus status, ImageWatch images, FaultHold faults, MeterRegistry metrics) {
        this.status = status;
        this.images = images;
        this.faults = faults;
        this.metrics = metrics;
    }

    /** The process is about to end. */
    static final class StoppingException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** From now on no further step begins. */
    void stopSoon() {
        stopping = true;
        faults.release();
    }

    void run(Hypervisor host, Task task, Step step) throws StepException {
        run(task, step, () -> {
            step.run(host, task, progress(task, step));
            return "";
        });
    }

    /** Writes on the timeline how far the step is; ends work that is under way when the process is about to end. */
    Progress progress(Task task, Step step) {
        StepProgress progress = new StepProgress(message -> status.stepProgress(task, step.label(), message));
        return (done, total) -> {
            if (stopping) {
                throw new StoppingException();
            }
            progress.at(done, total);
        };
    }

    /** Ends work that is no longer wanted, too. @param wanted asked every other second */
    Progress progress(Task task, Step step, BooleanSupplier wanted) {
        Progress timeline = progress(task, step);
        long[] asked = {System.nanoTime()};
        return (done, total) -> {
            timeline.at(done, total);
            if (System.nanoTime() - asked[0] > ASK_AGAIN.toNanos()) {
                asked[0] = System.nanoTime();
                if (!wanted.getAsBoolean()) {
                    throw new HypervisorException(HypervisorException.Reason.REJECTED, "It was cancelled.");
                }
            }
        };
    }

    /** @param action does it its own way, and says what is to be said of it on the timeline */
    void run(Task task, Step step, Supplier<String> action) throws StepException {
        take(task, step.label(), () -> {
            if (READ_IMAGES.contains(step)) {
                images.refuseUntrusted(task);
            }
            String message = action.get();
            faults.after(step.name());
            return message;
        });
    }

    /** Something that is no {@link Step} of its own. */
    void act(Task task, String label, Runnable action) throws StepException {
        take(task, label, () -> {
            action.run();
            return "";
        });
    }

    private void take(Task task, String label, Supplier<String> action) throws StepException {
        if (stopping) {
            throw new StoppingException();
        }
        status.stepStarted(task, label);
        long begin = System.nanoTime();
        String message;
        try {
            message = action.get();
        } catch (HypervisorException e) {
            throw new StepException(label, e);
        } catch (StoppingException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.errorf(e, "Machine %s: unexpected failure at \"%s\"", task.id(), label);
            throw new StepException(
                    label,
                    new HypervisorException(
                            HypervisorException.Reason.FAILED,
                            "Something unexpected went wrong. An admin finds the reason in the worker's log.",
                            e));
        }
        metrics.timer("berth_provisioning_step", "step", label).record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
        status.stepDone(task, label, message);
    }
}
