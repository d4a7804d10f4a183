package dev.berth.common;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;

/** A stretch of time as people and programs state it: each end a day or a moment, in UTC; null for no end. */
public record Span(Instant from, Instant until) {
    /**
     * @param from a day (ISO 8601), which counts from its beginning, or a moment; empty or null for no beginning
     * @param until a day, which counts to its end, or a moment; empty or null for no end
     * @throws ProblemException invalid, naming the field {@code from} or {@code until}
     */
    public static Span of(String from, String until) {
        return new Span(moment("from", from, 0), moment("until", until, 1));
    }

    private static Instant moment(String field, String text, int days) {
        if (text == null || text.isBlank()) {
            return null;
        }
        String word = text.strip();
        try {
            return word.length() <= 10
                    ? LocalDate.parse(word)
                            .plusDays(days)
                            .atStartOfDay(ZoneOffset.UTC)
                            .toInstant()
                    : Instant.parse(word);
        } catch (DateTimeParseException e) {
            throw ProblemException.invalid(
                    field, "Write a day as 2026-11-30, or a moment as 2026-11-30T12:00:00Z, in UTC.");
        }
    }
}
