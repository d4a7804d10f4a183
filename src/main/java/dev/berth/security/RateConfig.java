package dev.berth.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How often anybody may call ({@code berth.rate-limit.*}). */
@ConfigMapping(prefix = "berth.rate-limit")
public interface RateConfig {
    /** Requests a minute, and at once, of one user and of one token; 0 for any number. */
    @WithDefault("1200")
    int perMinute();

    /** The same from one address, of those who are not signed in. */
    @WithDefault("600")
    int anonymousPerMinute();
}
