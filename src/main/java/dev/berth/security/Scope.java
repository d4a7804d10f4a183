package dev.berth.security;

/** What a program's token may be used for. Each of them reads as well; a person's login may do all that the person may. */
public enum Scope {
    /** See what the person sees. */
    READ,
    /** Request machines and work on them, and whatever else members do in their tenants. */
    MACHINES,
    /** Answer requests, and whatever else owners do in their tenants. */
    APPROVE,
    /** What admins do. */
    ADMIN
}
