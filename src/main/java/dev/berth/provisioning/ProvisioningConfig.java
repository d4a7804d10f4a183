package dev.berth.provisioning;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** How a worker works ({@code berth.provisioning.*}). */
@ConfigMapping(prefix = "berth.provisioning")
public interface ProvisioningConfig {
    /** How many machines a worker works on at once on each of its hosts. */
    @WithDefault("4")
    int threads();

    /** How often a worker says of its running jobs that it lives; four missed ones and another worker takes over. */
    @WithDefault("5s")
    Duration heartbeat();

    /** The pauses between tries; after the last one a machine has failed for good. */
    @WithDefault("2s,5s,15s,30s,60s")
    List<Duration> retryPauses();

    /** How long a guest may take to power off by itself before the plug is pulled. */
    @WithDefault("60s")
    Duration shutdownPatience();

    /** How long to watch for a new guest's address before giving up on it. */
    @WithDefault("5m")
    Duration addressPatience();

    /** How long a running guest may take to let go of a card before that is left for when it next stops. */
    @WithDefault("20s")
    Duration detachPatience();

    /** How often all machines of a host are compared with what the host shows. */
    @WithDefault("15s")
    Duration sweepInterval();

    /** How often each host is asked whether it can still offer the profiles. */
    @WithDefault("5m")
    Duration checkInterval();

    /** For the tests alone, and read only under the profile {@code fault}: the step after which a worker freezes. */
    Optional<String> holdAfter();
}
