package dev.berth.machines;

import java.util.Locale;

/** A machine's state in one word, derived from what is wanted and what was seen. */
public enum MachineState {
    PROVISIONING("Being created", true),
    STARTING("Starting", true),
    RUNNING("Running", false),
    RESTARTING("Restarting", true),
    PAUSED("Paused", false),
    STOPPING("Stopping", true),
    STOPPED("Stopped", false),
    FAILED("Failed", false),
    DELETING("Being deleted", true),
    GONE("Deleted", false);

    private final String label;
    private final boolean changing;

    MachineState(String label, boolean changing) {
        this.label = label;
        this.changing = changing;
    }

    public String label() {
        return label;
    }

    /** Whether Berth is at work on it. */
    public boolean changing() {
        return changing;
    }

    /** For CSS classes: {@code provisioning}. */
    public String css() {
        return name().toLowerCase(Locale.ROOT);
    }
}
