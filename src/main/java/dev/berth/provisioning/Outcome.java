package dev.berth.provisioning;

import java.time.Duration;

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
}
