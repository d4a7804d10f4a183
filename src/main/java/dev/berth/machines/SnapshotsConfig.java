package dev.berth.machines;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** How old snapshots may get ({@code berth.machines.*}). */
@ConfigMapping(prefix = "berth.machines")
public interface SnapshotsConfig {
    /** From this age on pages warn of a snapshot. */
    @WithDefault("30d")
    Duration snapshotWarnAfter();

    /** A snapshot of this age is deleted; never without. */
    Optional<Duration> snapshotDeleteAfter();
}
