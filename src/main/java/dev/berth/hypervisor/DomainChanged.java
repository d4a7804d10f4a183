package dev.berth.hypervisor;

import java.util.UUID;

/** A hint, fired as an asynchronous CDI event: something happened to this domain, look again. */
public record DomainChanged(String host, UUID machineId) {}
