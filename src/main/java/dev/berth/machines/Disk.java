package dev.berth.machines;

/** A machine's disk as people see it. */
public record Disk(String storageSlug, String target, long sizeGib) {}
