package dev.berth.provisioning;

import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import java.time.Duration;
import java.util.List;

/**
 * How a run of the reconciler ended.
 *
 * @param again when to look again, or null when there is nothing left to do
 */
record Outcome(Duration again) {
    static final Outcome DONE = new Outcome(null);

    static Outcome again(Duration pause) {
        return new Outcome(pause);
    }

    /**
     * After the longest pause, but for a host that could not be reached: a worker that has just started is soon connected.
     *
     * @param pauses from the shortest on
     */
    static Outcome after(HypervisorException failure, List<Duration> pauses) {
        return again(pauses.get(failure.reason() == Reason.UNREACHABLE ? 0 : pauses.size() - 1));
    }
}
