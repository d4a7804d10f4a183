package dev.berth.machines;

/** What is to be had of a registered device. */
public enum DeviceState {
    /** Its host has not looked at it yet, or has to look again before it is free. */
    CHECKING("Being looked at"),
    FREE("Free"),
    /** A disk has it. */
    IN_USE("In use"),
    /** What an admin agreed to overwrite is taken off it. */
    WIPING("Being wiped"),
    /** It is in use by something else, or holds what Berth did not put there. */
    REFUSED("Refused"),
    /** It is not on its host. */
    LOST("Not there");

    private final String label;

    DeviceState(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
