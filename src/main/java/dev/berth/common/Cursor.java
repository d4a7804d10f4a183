package dev.berth.common;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.UUID;
import java.util.function.Supplier;

/** The key of the last row of a page: the sorted value and the id that breaks ties. Opaque to callers. */
public record Cursor(String value, String id) {
    public String encoded() {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((id + ' ' + value).getBytes(StandardCharsets.UTF_8));
    }

    /** @return null for null or empty text */
    public static Cursor decode(String text) {
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            String plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
            int blank = plain.indexOf(' ');
            if (blank > 0) {
                return new Cursor(plain.substring(blank + 1), plain.substring(0, blank));
            }
        } catch (IllegalArgumentException e) {
            // Falls through: not a cursor of ours.
        }
        throw invalid();
    }

    /** The value as the moment that it has to be. */
    public Instant instant() {
        return read(() -> Instant.parse(value));
    }

    public UUID uuid() {
        return read(() -> UUID.fromString(id));
    }

    public long number() {
        return read(() -> Long.parseLong(id));
    }

    private static <T> T read(Supplier<T> parse) {
        try {
            return parse.get();
        } catch (DateTimeParseException | IllegalArgumentException e) {
            throw invalid();
        }
    }

    private static ProblemException invalid() {
        return ProblemException.invalid("cursor", "This cursor is not valid. Start again from the first page.");
    }
}
