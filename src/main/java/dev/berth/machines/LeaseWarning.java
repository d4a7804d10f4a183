package dev.berth.machines;

import java.time.Duration;

/** What people are told of the end of a lease, in order. */
enum LeaseWarning {
    WEEK(Duration.ofDays(7)),
    DAY(Duration.ofDays(1)),
    /** The lease has ended: the machine was stopped. */
    ENDED(Duration.ZERO),
    /** The machine is about to be deleted. */
    LAST(Duration.ZERO);

    private final Duration before;

    LeaseWarning(Duration before) {
        this.before = before;
    }

    /** How long before the lease's end it is due. */
    Duration before() {
        return before;
    }
}
