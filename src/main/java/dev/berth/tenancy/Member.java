package dev.berth.tenancy;

import dev.berth.security.TenantRole;
import dev.berth.security.User;

/** Somebody who belongs to a tenant. */
public record Member(User user, TenantRole role) {}
