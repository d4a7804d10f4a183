package dev.berth.machines;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How addresses are handed out ({@code berth.network.*}). */
@ConfigMapping(prefix = "berth.network")
public interface NetworkConfig {
    /** How long a MAC address rests after its card is gone before another card may get it. */
    @WithDefault("7d")
    Duration macCooldown();
}
