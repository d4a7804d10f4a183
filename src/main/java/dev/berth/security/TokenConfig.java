package dev.berth.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Programs' tokens ({@code berth.tokens.*}). */
@ConfigMapping(prefix = "berth.tokens")
public interface TokenConfig {
    /** How long a token works unless its maker says otherwise; whole days. */
    @WithDefault("30d")
    Duration life();

    /** The longest that its maker may say. */
    @WithDefault("365d")
    Duration longestLife();

    /** How many a user may have at once. */
    @WithDefault("50")
    int perUser();
}
