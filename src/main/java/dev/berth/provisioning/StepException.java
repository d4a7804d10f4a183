package dev.berth.provisioning;

import dev.berth.hypervisor.HypervisorException;

/** A step that failed, and why. */
final class StepException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String step;
    private final transient HypervisorException reason;

    StepException(String step, HypervisorException reason) {
        super(reason);
        this.step = step;
        this.reason = reason;
    }

    String step() {
        return step;
    }

    HypervisorException reason() {
        return reason;
    }
}
