package dev.berth.security;

/**
 * Fired in each web process: this login is no more, so whatever it holds open ends too.
 *
 * @param id the login's; empty when some may have ended unheard, and each has to be looked at
 */
public record LoginEnded(String id) {}
