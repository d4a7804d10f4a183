package dev.berth.requests;

import dev.berth.security.Caller;
import java.util.UUID;

/** Who has to say yes to a request. */
public enum Deciders {
    /** An owner of the team; an admin will do. */
    OWNER("an owner's or an admin's yes"),
    ADMIN("an admin's yes"),
    /** An owner of the team, and then an admin. */
    BOTH("an owner's and then an admin's yes");

    private final String label;

    Deciders(String label) {
        this.label = label;
    }

    /** As in "It needs ...": {@code an admin's yes}. */
    public String label() {
        return label;
    }

    /** Whether an owner has to say yes before an admin does. */
    public boolean ownerFirst() {
        return this == BOTH;
    }

    /** Whether this person may answer now. */
    public boolean may(Caller caller, UUID tenantId) {
        return caller.admin() || this != ADMIN && caller.owns(tenantId);
    }
}
