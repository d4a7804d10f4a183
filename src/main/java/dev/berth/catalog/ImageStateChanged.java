package dev.berth.catalog;

import java.util.UUID;

/** Fired in the transaction in which an image is quarantined or released. */
public record ImageStateChanged(UUID imageId) {}
