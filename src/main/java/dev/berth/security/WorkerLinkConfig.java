package dev.berth.security;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** What web processes and workers share when they are not one process ({@code berth.worker.*}). */
@ConfigMapping(prefix = "berth.worker")
public interface WorkerLinkConfig {
    /** Signs a web process's calls to a worker. At least 32 characters, the same in all processes. */
    Optional<String> secret();

    /** One that is accepted as well, while processes are given a new one in turn. */
    Optional<String> previousSecret();
}
