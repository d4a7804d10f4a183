package dev.berth;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** docs/operator.md names every configuration key with its default. */
class ConfigurationDocsTest {
    @Test
    void everyKeyIsDocumented() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("docs/operator.md"));
        List<? extends Class<?>> mappings = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("dev.berth").stream()
                        .filter(type -> type.isAnnotatedWith(ConfigMapping.class))
                        .map(JavaClass::reflect)
                        .toList();
        assertThat(mappings).isNotEmpty();
        for (Class<?> mapping : mappings) {
            check(rows, mapping.getAnnotation(ConfigMapping.class).prefix(), mapping);
        }
    }

    private static void check(List<String> rows, String prefix, Class<?> mapping) {
        Arrays.stream(mapping.getDeclaredMethods())
                .filter(method -> !method.isDefault() && !method.isSynthetic())
                .forEach(method -> check(rows, prefix, method));
    }

    private static void check(List<String> rows, String prefix, Method method) {
        String key =
                prefix + '.' + method.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
        if (method.getReturnType().getEnclosingClass() == method.getDeclaringClass()
                && method.getReturnType().isInterface()) {
            check(rows, key, method.getReturnType());
            return;
        }
        if (method.getReturnType() == java.util.Map.class) {
            assertThat(rows).as(key).anyMatch(row -> row.startsWith("| `" + key + ".<name>."));
            return;
        }
        String expected = method.isAnnotationPresent(WithDefault.class)
                ? "| `" + key + "` | `"
                        + method.getAnnotation(WithDefault.class).value() + "` |"
                : "| `" + key + "` | |";
        assertThat(rows).as(expected).anyMatch(row -> row.startsWith(expected));
    }
}
