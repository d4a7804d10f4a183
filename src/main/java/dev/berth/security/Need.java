package dev.berth.security;

import java.util.Locale;

/** What a route asks of whoever calls it, before anything is looked up: see {@link RouteRules}. */
public enum Need {
    /** Nothing: what it takes to sign in, and what is public. */
    NOTHING,
    /** A proof of its own, checked by what serves it: a ticket, a secret address, a signature between processes. */
    OWN_PROOF,
    /** A person, not a program with a token: accounts, passwords, tokens. */
    PERSON,
    /** Anybody who is signed in; of tokens, each. */
    READ,
    /** The same; of tokens, those for all of their user's tenants: what tells of each of them. */
    EVERYWHERE,
    /** Of tokens, those for machines. */
    MACHINES,
    /** Of tokens, those for approvals. */
    APPROVE,
    /** An admin, or an auditor. */
    OVERSIGHT,
    /** An admin. */
    ADMIN;

    /** Whether this person, with this credential, may call such a route. */
    boolean allows(User user, Credential credential) {
        return switch (this) {
            case NOTHING, OWN_PROOF -> true;
            case PERSON -> credential.kind() != Credential.Kind.TOKEN;
            case READ -> credential.allows(Scope.READ);
            case EVERYWHERE -> credential.allows(Scope.READ) && credential.everywhere();
            case MACHINES -> credential.allows(Scope.MACHINES);
            case APPROVE -> credential.allows(Scope.APPROVE);
            case OVERSIGHT -> (user.auditor() && credential.everywhere()) || ADMIN.allows(user, credential);
            case ADMIN -> user.admin() && credential.everywhere() && credential.allows(Scope.ADMIN);
        };
    }

    /** Why not, and what to do. */
    String refusal() {
        return switch (this) {
            case NOTHING, OWN_PROOF -> "";
            case PERSON -> "A token can't do this. Sign in and do it there.";
            case EVERYWHERE -> "This token is for one team, and this tells of all of them. Take a token for all teams.";
            case READ, MACHINES, APPROVE ->
                "This token is not for that: it lacks the scope " + name().toLowerCase(Locale.ROOT) + ".";
            case OVERSIGHT -> "Only an admin or an auditor may see this.";
            case ADMIN -> "Only an admin may do this.";
        };
    }
}
