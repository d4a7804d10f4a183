package dev.berth.provisioning;

import java.time.Duration;
import java.util.Optional;

/**
 * Where a machine that waits for a worker stands.
 *
 * @param position 1 is next
 * @param waiting how many wait for this host's workers, this one included
 * @param start in about how long it will be its turn; empty when no worker of the host is at work or nothing was
 *     measured yet
 */
public record Place(String hostName, long position, long waiting, Optional<Duration> start) {}
