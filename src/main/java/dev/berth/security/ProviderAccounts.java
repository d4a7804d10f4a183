package dev.berth.security;

/** Keeps accounts as the provider says they are; whoever knows tenants does it. */
public interface ProviderAccounts {
    /** The person's account with the rights that the provider gives them, made now if they were never here. */
    User account(ProvidedPerson person);
}
