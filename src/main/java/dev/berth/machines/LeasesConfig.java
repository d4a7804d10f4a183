package dev.berth.machines;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What becomes of machines at the end of their leases ({@code berth.leases.*}). */
@ConfigMapping(prefix = "berth.leases")
public interface LeasesConfig {
    /** How long a machine is kept, stopped, after its lease has ended. */
    @WithDefault("7d")
    Duration grace();

    /** How long before its deletion people are warned for the last time; never less, whatever the clock does. */
    @WithDefault("1d")
    Duration lastWarning();

    /** How often leases are looked at. */
    @WithDefault("1m")
    Duration lookInterval();

    /** How long nothing is done about leases after a start or after the clock was set. */
    @WithDefault("10m")
    Duration settle();
}
