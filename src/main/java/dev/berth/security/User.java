package dev.berth.security;

import java.util.UUID;

/** A person with an account. */
public record User(UUID id, String username, String displayName, boolean admin) {}
