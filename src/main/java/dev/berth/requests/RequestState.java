package dev.berth.requests;

import java.util.Locale;

/** Where a request stands. */
public enum RequestState {
    PENDING("Waiting for approval"),
    APPROVED("Approved"),
    DENIED("Denied"),
    WITHDRAWN("Withdrawn");

    private final String label;

    RequestState(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }

    public String css() {
        return name().toLowerCase(Locale.ROOT);
    }
}
