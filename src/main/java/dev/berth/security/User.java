package dev.berth.security;

import java.util.UUID;

/**
 * A person with an account.
 *
 * @param auditor reads everything of everybody
 * @param disabled whether the account can't be used for now
 * @param email where mail goes, or empty for nowhere
 * @param provided whether it is an identity provider's: name, address, password and rights are kept there
 */
public record User(
        UUID id,
        String username,
        String displayName,
        boolean admin,
        boolean auditor,
        boolean disabled,
        String email,
        boolean provided) {}
