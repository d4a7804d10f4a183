package dev.berth.catalog;

import java.util.UUID;

/** Fired as a CDI event in the transaction that changes a storage profile's settings: its disks have to follow. */
public record StorageProfileChanged(UUID profileId) {}
