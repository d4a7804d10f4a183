package dev.berth.security;

import java.util.UUID;

/**
 * A person with an account.
 *
 * @param auditor reads everything of everybody
 * @param disabled whether the account can't be used for now
 * @param email where mail goes, or empty for nowhere
 * @param emailConfirmed whether mail may go there: the person has proved to read it, or the provider says that it is theirs
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
        boolean emailConfirmed,
        boolean provided) {}
