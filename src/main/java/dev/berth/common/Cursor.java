package dev.berth.common;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

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
        throw ProblemException.invalid("cursor", "This cursor is not valid. Start again from the first page.");
    }
}
