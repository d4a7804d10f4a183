package dev.berth.api;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How the API behaves ({@code berth.api.*}). */
@ConfigMapping(prefix = "berth.api")
public interface ApiConfig {
    /** How long an Idempotency-Key and its answer are kept. */
    @WithDefault("48h")
    Duration idempotencyRetention();
}
