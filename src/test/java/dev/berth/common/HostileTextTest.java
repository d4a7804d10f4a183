package dev.berth.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.logging.Level;
import java.util.stream.Collectors;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.Test;

/** What people typed stays text in what Berth writes for spreadsheets and in its log. */
class HostileTextTest {
    @Test
    void noCellOfATableIsAFormula() {
        for (String start : List.of("=", "+", "-", "@", "\t", "\r", "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20")) {
            assertThat(Csv.line("a", start + "cmd|' /C calc'!A0"))
                    .isEqualTo("\"a\",\"'" + start + "cmd|' /C calc'!A0\"\r\n");
        }
        assertThat(Csv.line("a\",=1", "")).isEqualTo("\"a\"\",=1\",\"\"\r\n");
    }

    /** Whatever is downloaded as a table is written by {@link Csv}. */
    @Test
    void allTablesAreWrittenByOneClass() throws IOException {
        try (var files = Files.walk(Path.of("src/main/java"))) {
            List<Path> sources =
                    files.filter(file -> file.toString().endsWith(".java")).toList();
            for (Path source : sources) {
                String text = Files.readString(source);
                boolean writesCells = text.lines()
                        .anyMatch(line -> line.contains("joining(\",\"")
                                || line.contains("join(\";\"")
                                || line.matches(".*append\\('[,;]'\\).*"));
                if (text.contains("text/csv") || text.contains(".csv\"")) {
                    assertThat(writesCells).as(source.toString()).isFalse();
                }
            }
            assertThat(sources.stream()
                            .filter(source -> source.getFileName().toString().equals("Csv.java"))
                            .collect(Collectors.toList()))
                    .hasSize(1);
        }
    }

    @Test
    void oneMessageIsOneLineOfTheLog() throws IOException {
        ExtLogRecord record = new ExtLogRecord(
                Level.INFO, "Refused %s", ExtLogRecord.FormatStyle.PRINTF, HostileTextTest.class.getName());
        record.setParameters(
                new Object[] {"a\r\n2026-01-01 INFO all is well\u001b[2J\u0000\u2028\u202e\u0085 100 %s ü"});
        assertThat(new OneLine().isLoggable(record)).isTrue();
        assertThat(record.getFormattedMessage())
                .isEqualTo(
                        "Refused a\\u000d\\n2026-01-01 INFO all is well\\u001b[2J\\u0000\\u2028\\u202e\\u0085 100 %s ü");

        ExtLogRecord plain = new ExtLogRecord(
                Level.INFO, "All is {0}", ExtLogRecord.FormatStyle.MESSAGE_FORMAT, HostileTextTest.class.getName());
        plain.setParameters(new Object[] {"well"});
        new OneLine().isLoggable(plain);
        assertThat(plain.getFormattedMessage()).isEqualTo("All is well");

        Properties settings = new Properties();
        try (var file = Files.newInputStream(Path.of("src/main/resources/application.properties"))) {
            settings.load(file);
        }
        assertThat(settings).containsEntry("quarkus.log.console.filter", "one-line");
    }
}
