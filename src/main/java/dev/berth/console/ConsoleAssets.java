package dev.berth.console;

import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;

/** A version of the console's own files for their URLs, so that browsers may keep them and still get new ones. */
@Singleton
class ConsoleAssets {
    private static final List<String> FILES = List.of(
            "css/console.css",
            "js/console.js",
            "js/console-bar.js",
            "js/console-keys.js",
            "js/console-link.js",
            "js/console-people.js");

    private final String version;

    ConsoleAssets() {
        CRC32 crc = new CRC32();
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        for (String file : FILES) {
            try (InputStream in = loader.getResourceAsStream("META-INF/resources/" + file)) {
                if (in == null) {
                    throw new IllegalStateException("The program lacks " + file);
                }
                crc.update(in.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        version = HexFormat.of().toHexDigits((int) crc.getValue());
    }

    String version() {
        return version;
    }
}
