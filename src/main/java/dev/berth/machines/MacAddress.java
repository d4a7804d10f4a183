package dev.berth.machines;

import java.time.Instant;

/**
 * A MAC address that was given to a machine's card, in the words of the day it was given.
 *
 * @param address the IPv4 address that came with it, or the one seen on it, or null
 * @param releasedAt when its card went, or null as long as it is in use
 */
public record MacAddress(
        String mac,
        String address,
        String machine,
        String tenant,
        String owner,
        String network,
        String kind,
        Instant givenAt,
        Instant releasedAt) {}
