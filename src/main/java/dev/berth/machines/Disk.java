package dev.berth.machines;

import java.util.UUID;

/** A machine's disk as people see it. */
public record Disk(UUID id, String storageSlug, String target, long sizeGib) {}
