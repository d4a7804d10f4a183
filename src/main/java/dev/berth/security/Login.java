package dev.berth.security;

import java.time.Instant;
import java.util.UUID;

/**
 * A person who is signed in.
 *
 * @param seenAt when something was last asked for by it, to within {@link Logins#PRECISION}
 * @param address where it began
 * @param agent what the browser calls itself
 */
public record Login(String id, UUID userId, Instant begunAt, Instant seenAt, String address, String agent) {}
