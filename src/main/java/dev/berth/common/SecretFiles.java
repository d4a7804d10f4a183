package dev.berth.common;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.PropertiesConfigSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Settings from files, for what is not to stand in an environment: each file of {@code berth.secrets.directory} is a
 * setting, its name the key, what is in it the value. This is how Docker and Kubernetes mount secrets and how systemd
 * hands credentials over, whose directory is taken when no other is named.
 */
public final class SecretFiles implements ConfigSourceFactory {
    private static final String DIRECTORY = "berth.secrets.directory";
    private static final String SYSTEMD = "CREDENTIALS_DIRECTORY";
    private static final long LARGEST = 64 * 1_024;
    /** Above application.properties, below environment and system properties. */
    private static final int ORDINAL = 290;

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        String directory = value(context, DIRECTORY);
        if (directory.isEmpty()) {
            directory = value(context, SYSTEMD);
        }
        return directory.isEmpty()
                ? List.of()
                : List.of(new PropertiesConfigSource(read(Path.of(directory)), "files of secrets", ORDINAL));
    }

    private static String value(ConfigSourceContext context, String key) {
        var found = context.getValue(key);
        return found == null || found.getValue() == null ? "" : found.getValue();
    }

    /**
     * @return the settings; a line end at the end of a file is not part of its value
     * @throws IllegalStateException when the directory or a file can't be read; names them and never what is in them
     */
    static Map<String, String> read(Path directory) {
        Map<String, String> settings = new HashMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            // Kubernetes keeps what it swaps behind names that begin with a dot.
            for (Path file : files.filter(SecretFiles::isSetting).toList()) {
                if (Files.size(file) > LARGEST) {
                    throw new IllegalStateException(file + " is no setting: it is larger than " + LARGEST + " bytes");
                }
                settings.put(
                        file.getFileName().toString(),
                        Files.readString(file, StandardCharsets.UTF_8).replaceFirst("\\R$", ""));
            }
        } catch (IOException e) {
            throw new IllegalStateException(
                    DIRECTORY + ": can't be read, " + e.getClass().getSimpleName() + " at " + e.getMessage());
        }
        return settings;
    }

    private static boolean isSetting(Path file) {
        return !file.getFileName().toString().startsWith(".") && Files.isRegularFile(file);
    }
}
