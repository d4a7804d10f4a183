package dev.berth.hypervisor;

import io.quarkus.qute.Engine;
import io.quarkus.qute.RawString;
import io.quarkus.qute.ReflectionValueResolver;
import io.quarkus.qute.Template;
import io.quarkus.qute.Variant;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * The XML that libvirt is sent, from {@code templates/libvirt/}. It has an engine of its own, so that nothing which is
 * set up for pages can change how a value is written into XML: every value is escaped, a missing one is an error.
 */
@Singleton
public class XmlTemplates {
    private final Engine engine = Engine.builder()
            .addDefaults()
            .addValueResolver(new ReflectionValueResolver())
            .addResultMapper(new XmlEscaper())
            .addLocator(XmlTemplates::locate)
            .removeStandaloneLines(true)
            .strictRendering(true)
            .build();

    /**
     * Renders one fragment of a file.
     *
     * @param file the path below {@code templates/libvirt/} without its suffix, for example {@code network/dhcp}
     * @param values what the fragment names; a {@link RawString} is taken to be XML already
     */
    public String render(String file, String fragment, Map<String, ?> values) {
        Template template = engine.getTemplate(file);
        if (template == null) {
            throw new IllegalStateException("There is no template libvirt/" + file + ".xml");
        }
        return template.getFragment(fragment).render(values).strip();
    }

    private static Optional<io.quarkus.qute.TemplateLocator.TemplateLocation> locate(String id) {
        InputStream found = XmlTemplates.class.getResourceAsStream("/templates/libvirt/" + id + ".xml");
        return found == null ? Optional.empty() : Optional.of(new XmlLocation(found));
    }

    private record XmlLocation(InputStream stream) implements io.quarkus.qute.TemplateLocator.TemplateLocation {
        @Override
        public Reader read() {
            try (stream) {
                return new java.io.StringReader(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        @Override
        public Optional<Variant> getVariant() {
            return Optional.of(Variant.forContentType("application/xml"));
        }
    }
}
