package dev.berth.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/access.md says what the gate asks for, row by row. */
class AccessDocsTest {
    private static final Path DOCS = Path.of("docs/access.md");

    @Test
    void tellsEveryRule() throws IOException {
        List<String> told = Files.readAllLines(DOCS).stream()
                .filter(line -> line.startsWith("| `/"))
                .toList();
        assertThat(told)
                .isEqualTo(RouteRules.all().stream()
                        .map(rule ->
                                "| `" + rule.path() + "` | " + word(rule.reads()) + " | " + word(rule.writes()) + " |")
                        .toList());
    }

    @Test
    void explainsEveryNeed() throws IOException {
        String docs = Files.readString(DOCS);
        assertThat(Stream.of(Need.values()).map(need -> "| " + word(need) + " | "))
                .allSatisfy(row -> assertThat(docs).contains("\n" + row));
    }

    private static String word(Need need) {
        return need == null ? "-" : need.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
