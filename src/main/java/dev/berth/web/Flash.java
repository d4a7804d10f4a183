package dev.berth.web;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * One message that survives a redirect, in a cookie. It is only ever shown as text.
 *
 * @param tone {@code success}, {@code warning} or {@code danger}
 */
public record Flash(String tone, String text) {
    private static final int MAX_TEXT = 600;

    static Flash done(String text) {
        return new Flash("success", text);
    }

    static Flash failed(String text) {
        return new Flash("danger", text);
    }

    static Flash partly(String text) {
        return new Flash("warning", text);
    }

    String encoded() {
        String cut = text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "…";
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((tone + ' ' + cut).getBytes(StandardCharsets.UTF_8));
    }

    /** @return null for anything that {@link #encoded} did not make */
    static Flash decode(String value) {
        if (value == null || value.isEmpty()) {
            return null;
        }
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(value), StandardCharsets.UTF_8).split(" ", 2);
            return switch (parts[0]) {
                case "success", "warning", "danger" -> parts.length == 2 ? new Flash(parts[0], parts[1]) : null;
                default -> null;
            };
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
