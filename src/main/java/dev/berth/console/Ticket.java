package dev.berth.console;

import java.time.Instant;

/**
 * The right to open one machine's console once.
 *
 * @param ticket the secret itself; only its digest is kept
 * @param url where to open the WebSocket, relative to the portal's address
 */
public record Ticket(String ticket, String url, Instant expiresAt) {}
