package dev.berth.security;

/** What a person is in a tenant. */
public enum TenantRole {
    MEMBER,
    OWNER
}
