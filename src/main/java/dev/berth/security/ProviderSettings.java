package dev.berth.security;

import dev.berth.common.Sha256;
import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Tells Quarkus's OpenID Connect of what {@code berth.auth.*} says, so that one program has both ways in and the way is
 * chosen when it starts.
 */
public final class ProviderSettings implements ConfigSourceFactory {
    /** Above application.properties, below environment and system properties. */
    private static final int ORDINAL = 275;

    private static final String OIDC = "quarkus.oidc.";
    private static final String OURS = "berth.auth.oidc.";

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        return List.of(new PropertiesConfigSource(settings(context), "sign-in", ORDINAL));
    }

    private static Map<String, String> settings(ConfigSourceContext context) {
        Map<String, String> settings = new HashMap<>();
        boolean on = "oidc".equalsIgnoreCase(value(context, "berth.auth.mode"));
        settings.put(OIDC + "tenant-enabled", Boolean.toString(on));
        if (!on) {
            return settings;
        }
        settings.put(OIDC + "auth-server-url", value(context, OURS + "issuer"));
        String client = value(context, OURS + "client-id");
        settings.put(OIDC + "client-id", client.isEmpty() ? "berth" : client);
        String file = value(context, OURS + "client-secret-file");
        settings.put(
                OIDC + "credentials.secret",
                file.isEmpty() ? value(context, OURS + "client-secret") : read(Path.of(file)));
        String scopes = value(context, OURS + "scopes");
        settings.put(OIDC + "authentication.scopes", scopes.isEmpty() ? "profile,email" : scopes);
        String age = value(context, "berth.auth.session-timeout");
        settings.put(OIDC + "authentication.session-age-extension", age.isEmpty() ? "12h" : age);
        String address = value(context, "berth.public-url");
        if (!address.isEmpty()) {
            settings.put(
                    OIDC + "authentication.redirect-path", address.replaceFirst("/+$", "") + ProviderDoors.CALLBACK);
            settings.put(OIDC + "authentication.cookie-force-secure", Boolean.toString(address.startsWith("https:")));
        }
        String key = value(context, "berth.auth.session-key");
        if (!key.isEmpty()) {
            // Another key for each use of it; both have to be 32 characters or more.
            settings.put(OIDC + "token-state-manager.encryption-secret", Sha256.hex("session " + key));
            settings.put(
                    OIDC + "authentication.state-secret",
                    Sha256.hex("state " + key).substring(0, 32));
        }
        return settings;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "berth.auth.oidc.client-secret-file can't be read: " + file + " (" + e.getMessage() + ")", e);
        }
    }

    private static String value(ConfigSourceContext context, String key) {
        ConfigValue found = context.getValue(key);
        return found == null || found.getValue() == null ? "" : found.getValue().strip();
    }
}
