package dev.berth.fleet;

/** What an admin wants of a host. Whether it answers is {@link Host#problem()}. */
public enum HostState {
    ACTIVE,
    DRAINING,
    MAINTENANCE
}
