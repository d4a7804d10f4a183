package dev.berth.tenancy;

import java.util.UUID;

/** A team that owns machines and a quota. */
public record Tenant(UUID id, String slug, String name) {}
