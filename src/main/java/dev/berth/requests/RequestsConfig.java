package dev.berth.requests;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Requests that nobody decides on ({@code berth.requests.*}). */
@ConfigMapping(prefix = "berth.requests")
public interface RequestsConfig {
    /** How long a request waits after the last thing that happened to it. */
    @WithDefault("14d")
    Duration expireAfter();

    /** How often requests that have waited too long are looked for. */
    @WithDefault("10m")
    Duration lookInterval();
}
