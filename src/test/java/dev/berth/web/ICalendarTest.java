package dev.berth.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What is written is an iCalendar, whatever the names in it are. */
class ICalendarTest {
    private static final Instant STAMP = Instant.parse("2026-11-01T08:00:00Z");
    private static final Instant AT = Instant.parse("2026-12-24T18:30:15Z");

    @Test
    void namesCanNeitherEndALineNorBeginAProperty() {
        String text =
                event("a\r\nEND:VEVENT\nATTACH:http://evil\rX\u2028Y\u0000;b,c\\n", "ä".repeat(200) + "😀".repeat(80));

        assertThat(text)
                .endsWith("END:VCALENDAR\r\n")
                .doesNotContain("\r\nATTACH")
                .doesNotContain("\u0000");
        assertThat(text.replace("\r\n", "")).doesNotContain("\r", "\n", "\u2028");
        assertThat(text.split("\r\n")).allMatch(line -> line.getBytes(StandardCharsets.UTF_8).length <= 75);
        assertThat(unfolded(text))
                .contains("SUMMARY:a\\nEND:VEVENT\\nATTACH:http://evil\\nX\\nY\\;b\\,c\\\\n\r\n")
                .contains("DESCRIPTION:" + "ä".repeat(200) + "😀".repeat(80) + "\r\n")
                .containsOnlyOnce("BEGIN:VEVENT");
    }

    @Test
    void anEventHasWhatProgramsAskFor() {
        assertThat(unfolded(event("The lease ends", "")).split("\r\n"))
                .contains(
                        "VERSION:2.0",
                        "UID:lease-1@berth",
                        "DTSTAMP:20261101T080000Z",
                        "DTSTART:20261224T183015Z",
                        "URL:https://berth.example.org/t/blue/machines/1",
                        "TRIGGER:-P1D");
    }

    private static String event(String summary, String description) {
        return new ICalendar("Leases")
                .event("lease-1@berth", STAMP, AT, summary, description, "https://berth.example.org/t/blue/machines/1")
                .end();
    }

    private static String unfolded(String text) {
        return text.replace("\r\n ", "");
    }
}
