package dev.berth.web;

import io.quarkus.arc.Arc;
import io.quarkus.qute.TemplateGlobal;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;

/** A version of our own static files for their URLs. */
@ApplicationScoped
public class Assets {
    private static final List<String> OURS = List.of(
            "css/berth.css",
            "icons/sprite.svg",
            "js/forms.js",
            "js/keys.js",
            "js/live.js",
            "js/theme.js",
            "js/times.js",
            "js/upload.js");

    private final String version;

    Assets() {
        CRC32 crc = new CRC32();
        for (String file : OURS) {
            try (InputStream in =
                    Thread.currentThread().getContextClassLoader().getResourceAsStream("META-INF/resources/" + file)) {
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

    /** For templates, which ask for it with every icon. */
    @TemplateGlobal
    static String assetVersion() {
        return Arc.container().instance(Assets.class).get().version();
    }

    public String version() {
        return version;
    }
}
