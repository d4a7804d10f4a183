package dev.berth.common;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** What every part of the program asks: its roles and how the world reaches it ({@code berth.*}). */
@ConfigMapping(prefix = "berth")
public interface BerthConfig {
    /** What this process does. */
    enum Role {
        WEB,
        WORKER
    }

    @WithDefault("web,worker")
    Set<Role> roles();

    /** Seeds demo tenants and users with known passwords. Never for production. */
    @WithDefault("false")
    boolean demo();

    /** The address in people's browsers when a proxy stands in front, for example {@code https://berth.example.org}. */
    Optional<URI> publicUrl();

    /** How long an upload of an image may send nothing. */
    @WithDefault("1m")
    Duration uploadIdle();

    Secrets secrets();

    /** Where secrets are, one file each: see {@link SecretFiles}. */
    interface Secrets {
        Optional<String> directory();
    }

    default boolean web() {
        return roles().contains(Role.WEB);
    }

    default boolean worker() {
        return roles().contains(Role.WORKER);
    }
}
