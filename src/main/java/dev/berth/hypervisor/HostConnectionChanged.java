package dev.berth.hypervisor;

/** Fired as an asynchronous CDI event: the connection to this host came up, or was lost. Events in between were missed. */
public record HostConnectionChanged(String host, boolean connected) {}
