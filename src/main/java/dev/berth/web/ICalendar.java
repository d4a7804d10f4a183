package dev.berth.web;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Writes an iCalendar (RFC 5545): escaped, and folded so that no line is longer than 75 bytes. */
final class ICalendar {
    private static final int LINE = 75;
    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final StringBuilder text = new StringBuilder();

    ICalendar(String name) {
        line("BEGIN:VCALENDAR");
        line("VERSION:2.0");
        line("PRODID:-//Berth//Leases//EN");
        line("CALSCALE:GREGORIAN");
        line("METHOD:PUBLISH");
        line("X-WR-CALNAME:" + escaped(name));
        line("REFRESH-INTERVAL;VALUE=DURATION:PT1H");
        line("X-PUBLISHED-TTL:PT1H");
    }

    /**
     * Something that happens at a moment, with an alarm a day before.
     *
     * @param uid stays the same when the moment changes, so that programs move the event
     * @param stamp when it was settled
     */
    ICalendar event(String uid, Instant stamp, Instant at, String summary, String description, String url) {
        line("BEGIN:VEVENT");
        line("UID:" + escaped(uid));
        line("DTSTAMP:" + UTC.format(stamp));
        line("DTSTART:" + UTC.format(at));
        line("SUMMARY:" + escaped(summary));
        line("DESCRIPTION:" + escaped(description));
        line("URL:" + url.replaceAll("[\\p{Cntrl}\\s]", ""));
        line("TRANSP:TRANSPARENT");
        line("BEGIN:VALARM");
        line("ACTION:DISPLAY");
        line("TRIGGER:-P1D");
        line("DESCRIPTION:" + escaped(summary));
        line("END:VALARM");
        line("END:VEVENT");
        return this;
    }

    String end() {
        return text + "END:VCALENDAR\r\n";
    }

    /** Text as a value may be: nothing in it can end the line or begin another property. */
    private static String escaped(String value) {
        StringBuilder out = new StringBuilder();
        value.replace("\r\n", "\n").codePoints().forEach(point -> {
            if (point == '\\' || point == ';' || point == ',') {
                out.append('\\').appendCodePoint(point);
            } else if (point == '\n' || point == '\r' || point == 0x85 || point == 0x2028 || point == 0x2029) {
                out.append("\\n");
            } else if (Character.isSurrogate((char) point) && point <= Character.MAX_VALUE) {
                out.append('?');
            } else if (!Character.isISOControl(point)) {
                out.appendCodePoint(point);
            }
        });
        return out.toString();
    }

    private void line(String content) {
        int room = LINE;
        for (int i = 0; i < content.length(); i += Character.charCount(content.codePointAt(i))) {
            String letter = Character.toString(content.codePointAt(i));
            int bytes = letter.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > room) {
                text.append("\r\n ");
                room = LINE - 1;
            }
            text.append(letter);
            room -= bytes;
        }
        text.append("\r\n");
    }
}
