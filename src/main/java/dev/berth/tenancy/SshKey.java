package dev.berth.tenancy;

import java.util.UUID;

/** A person's public key, offered again in each form. */
public record SshKey(UUID id, String name, String publicKey, String fingerprint) {}
