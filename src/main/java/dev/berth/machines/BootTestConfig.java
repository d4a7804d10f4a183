package dev.berth.machines;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Trying whether a template's revision makes machines that come up. */
@ConfigMapping(prefix = "berth.boot-test")
interface BootTestConfig {
    /** How long a guest may take until it is seen on the network. */
    @WithDefault("15m")
    Duration patience();
}
