package dev.berth.usage;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How usage is added up ({@code berth.usage.*}). */
@ConfigMapping(prefix = "berth.usage")
public interface UsageConfig {
    /** How often the day is added up anew. */
    @WithDefault("5m")
    Duration interval();
}
