package dev.berth.fleet;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How full hosts may get ({@code berth.placement.*}). */
@ConfigMapping(prefix = "berth.placement")
public interface FleetConfig {
    /** vCPUs promised for each CPU of a host. */
    @WithDefault("8")
    double cpuOvercommit();

    /** Memory promised for each MiB of a host. */
    @WithDefault("1.0")
    double memoryOvercommit();
}
