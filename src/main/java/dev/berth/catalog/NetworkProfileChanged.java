package dev.berth.catalog;

import java.util.UUID;

/** Fired as a CDI event in the transaction that changes a network profile's settings: its cards have to follow. */
public record NetworkProfileChanged(UUID profileId) {}
