package dev.berth.notices;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How notices get out ({@code berth.notices.*}). */
@ConfigMapping(prefix = "berth.notices")
public interface NoticesConfig {
    /** The pauses between tries of a mail or a webhook; after the last one it has failed for good. */
    @WithDefault("30s,2m,10m,1h,6h")
    List<Duration> retryPauses();

    /** How often to look for what is due; what is new goes out at once. */
    @WithDefault("5s")
    Duration pollInterval();

    /** What webhooks' addresses may begin with: {@code https}, and {@code http} where one knows why. */
    @WithDefault("https")
    Set<String> webhookSchemes();

    /** Networks (CIDR) of private or local addresses that webhooks may be sent to all the same. */
    Optional<List<String>> webhookNetworks();

    /** How long notices and the log of deliveries are kept. */
    @WithDefault("90d")
    Duration keep();
}
