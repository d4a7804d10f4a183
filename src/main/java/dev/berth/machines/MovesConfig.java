package dev.berth.machines;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What holds for machines' disks ({@code berth.machines.*}). */
@ConfigMapping(prefix = "berth.machines")
public interface MovesConfig {
    /** How long the old disk is kept after a move that nobody confirms or undoes. */
    @WithDefault("7d")
    Duration moveKeep();
}
