package dev.berth.hypervisor;

/** What a domain is made of. */
public record DomainFigures(int vcpus, long memoryMib) {}
