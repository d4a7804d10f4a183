package dev.berth.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** How people and programs sign in ({@code berth.auth.*}). */
@ConfigMapping(prefix = "berth.auth")
public interface AuthConfig {
    /** Where accounts come from. */
    enum Mode {
        /** Berth's own accounts: a login form for pages, HTTP Basic for the API. */
        LOCAL,
        /** An OpenID Connect provider: see {@link ProviderConfig}. Programs bring tokens of Berth's own. */
        OIDC
    }

    @WithDefault("local")
    Mode mode();

    /**
     * Encrypts the login cookie; at least 16 characters. Without one each process makes its own at start, so several web
     * processes need it, and so does a login that outlives a restart.
     */
    Optional<String> sessionKey();

    /** Makes the account {@code admin} with this password at the first start, when there are no accounts at all. */
    Optional<String> firstAdminPassword();

    /** How long a login lasts without use. */
    @WithDefault("12h")
    Duration sessionTimeout();

    /** Wrong passwords a minute for one user name; more are refused unseen. */
    @WithDefault("10")
    int attemptsPerUser();

    /** The same from one address. */
    @WithDefault("60")
    int attemptsPerAddress();
}
