package dev.berth.security;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a program's token may be used for. Each of them reads as well; a person's login may do all that the person may. */
public enum Scope {
    /** See what the person sees. */
    READ("See what you see, and change nothing."),
    /** Request machines and work on them, and whatever else members do in their tenants. */
    MACHINES("Request machines and work on them, with their disks, snapshots and ports."),
    /** Answer requests, and whatever else owners do in their tenants. */
    APPROVE("Answer requests, and what else owners of a team do: members, shares, webhooks."),
    /** What admins do. */
    ADMIN("What admins do.");

    private final String meaning;

    Scope(String meaning) {
        this.meaning = meaning;
    }

    /** What it is for, as a sentence to whoever makes a token. */
    public String meaning() {
        return meaning;
    }

    /** {@code read}: as programs and pages call it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Scope> of(String word) {
        return Arrays.stream(values())
                .filter(scope -> scope.word().equals(word))
                .findFirst();
    }
}
