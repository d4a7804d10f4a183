package dev.berth.catalog;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** Where images live and how large they may be ({@code berth.library.*}). */
@ConfigMapping(prefix = "berth.library")
public interface LibraryConfig {
    /** The library: every web process and every host must see it under this path. */
    @WithDefault("/var/lib/berth/images")
    String directory();

    /** Files in this directory of the server may be imported by name; without it only uploads are. */
    Optional<String> importDirectory();

    /** The largest file that may be uploaded or imported. */
    @WithDefault("20")
    long maxFileGib();

    /** How often each image's contents are compared with what was imported. */
    @WithDefault("24h")
    Duration digestInterval();

    /** The largest disk that an image may describe. */
    @WithDefault("1024")
    long maxVirtualGib();
}
