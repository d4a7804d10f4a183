package dev.berth.provisioning;

import dev.berth.hypervisor.Hypervisor;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.machines.ShareStatus;
import dev.berth.machines.Task;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;

/**
 * Brings the directories that a machine shares to what is wanted. None can be plugged in: the definition and the first-boot
 * settings have them from now on, the domain from its next start. Repeats without harm.
 */
@ApplicationScoped
class ShareWork {
    private final Steps steps;
    private final ShareStatus status;

    ShareWork(Steps steps, ShareStatus status) {
        this.steps = steps;
        this.status = status;
    }

    /** Before the domain is defined to start. */
    void prepare(Hypervisor host, Task task) throws StepException {
        if (!task.domain().shares().isEmpty()) {
            steps.run(host, task, Step.SHARE_PREPARE);
        }
    }

    /**
     * Puts what came or goes where the next start finds it, and looks what the domain has by now.
     *
     * @param defined the definition was written just now
     */
    void keepUp(Hypervisor host, Task task, boolean running, boolean defined) throws StepException {
        if (!task.sharesChange()) {
            return;
        }
        if (!defined) {
            prepare(host, task);
            steps.run(host, task, Step.SHARE_SEED);
            steps.run(host, task, Step.SHARE_DEFINE);
        }
        status.compared(task, running, tags(host, task));
    }

    private static Set<String> tags(Hypervisor host, Task task) throws StepException {
        try {
            return host.shares(task.id());
        } catch (HypervisorException e) {
            throw new StepException(Step.SHARE_DEFINE.label(), e);
        }
    }
}
