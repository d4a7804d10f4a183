package dev.berth.machines;

/**
 * A machine's network card as people see it.
 *
 * @param address the address it was given, or null where the network gives none
 */
public record Nic(String networkSlug, String mac, String address) {}
