package dev.berth.machines;

import java.time.Instant;

/**
 * How long a machine is to be.
 *
 * @param until when it stops, or null for no end
 * @param since when that was settled
 * @param deleteAt when it is deleted unless somebody keeps it; null as long as the lease has not ended
 */
public record Lease(LeaseState state, Instant until, Instant since, Instant deleteAt) {
    public boolean pinned() {
        return until == null;
    }

    /** It has ended, and the machine can still be kept. */
    public boolean grace() {
        return state == LeaseState.GRACE;
    }

    public boolean warned() {
        return state == LeaseState.WARNED;
    }
}
