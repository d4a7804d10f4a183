package dev.berth.notices;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;

/** The mail server ({@code berth.mail.*}). */
@ConfigMapping(prefix = "berth.mail")
public interface MailConfig {
    /** Without it no mail is sent. */
    Optional<String> host();

    @WithDefault("587")
    int port();

    /** The sender's address; without it no mail is sent. */
    Optional<String> from();

    Optional<String> username();

    Optional<String> password();

    /** {@code REQUIRED}, {@code OPTIONAL} or {@code DISABLED}. */
    @WithDefault("REQUIRED")
    String startTls();

    /** Speaks TLS from the first byte, as on port 465. */
    @WithDefault("false")
    boolean tls();

    default boolean on() {
        return host().isPresent() && from().isPresent();
    }
}
