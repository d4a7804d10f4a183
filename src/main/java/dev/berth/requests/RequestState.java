package dev.berth.requests;

import java.util.Locale;

/** Where a request stands. */
public enum RequestState {
    PENDING("Waiting for approval", "waiting"),
    /** A decider says yes to something else than was asked for; the requester has yet to. */
    OFFERED("Offered with changes", "offered with changes"),
    APPROVED("Approved", "approved"),
    DENIED("Denied", "denied"),
    WITHDRAWN("Withdrawn", "withdrawn"),
    /** Nobody decided in time. */
    EXPIRED("Expired", "closed unanswered");

    private final String label;
    private final String participle;

    RequestState(String label, String participle) {
        this.label = label;
        this.participle = participle;
    }

    public String label() {
        return label;
    }

    /** As in "it was ... by": {@code denied}. */
    public String participle() {
        return participle;
    }

    /** Whether it may still become a yes or a no, and holds what it takes. */
    public boolean open() {
        return this == PENDING || this == OFFERED;
    }

    public String css() {
        return name().toLowerCase(Locale.ROOT);
    }
}
