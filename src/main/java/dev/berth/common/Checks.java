package dev.berth.common;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Gathers what is wrong with a form, field by field, so that a person sees all of it at once. */
public final class Checks {
    /** RFC 1123 label: what a host name, a DNS name and a libvirt name all accept. */
    private static final Pattern LABEL = Pattern.compile("[a-z0-9](?:[a-z0-9-]*[a-z0-9])?");

    public static final int MAX_LABEL = 50;

    private final Map<String, String> fields = new LinkedHashMap<>();

    public Checks require(String field, boolean ok, String sentence) {
        if (!ok) {
            fields.putIfAbsent(field, sentence);
        }
        return this;
    }

    /** A name that becomes a host name: lower-case letters, digits and hyphens. */
    public Checks label(String field, String value) {
        return require(
                field,
                value != null
                        && value.length() <= MAX_LABEL
                        && LABEL.matcher(value).matches(),
                "Use 1 to " + MAX_LABEL
                        + " lower-case letters, digits and hyphens; start and end with a letter or digit.");
    }

    /** Free text on one line. */
    public Checks line(String field, String value, int max) {
        return require(field, value != null && !value.isBlank(), "This is needed.")
                .require(
                        field,
                        value == null || (value.length() <= max && value.chars().noneMatch(Character::isISOControl)),
                        "Use one line of at most " + max + " characters.");
    }

    /** Free text that may have several lines or be empty. */
    public Checks text(String field, String value, int max) {
        return require(
                        field,
                        value != null && value.length() <= max,
                        "Use at most " + max + " characters; these are " + (value == null ? 0 : value.length()) + ".")
                .require(
                        field,
                        value == null
                                || value.chars()
                                        .noneMatch(
                                                c -> Character.isISOControl(c) && c != '\n' && c != '\r' && c != '\t'),
                        "Take out the control characters.");
    }

    /**
     * Free text that may have several lines, and has to be there.
     *
     * @param sentence what to say where nothing is said
     */
    public Checks said(String field, String value, int max, String sentence) {
        return require(field, value != null && !value.isBlank(), sentence).text(field, value, max);
    }

    public Checks range(String field, long value, long min, long max, String unit) {
        return require(field, value >= min && value <= max, "Choose between " + min + " and " + max + " " + unit + ".");
    }

    public Checks addAll(Map<String, String> more) {
        more.forEach(fields::putIfAbsent);
        return this;
    }

    /** What is wrong so far, by field name. */
    public Map<String, String> problems() {
        return Map.copyOf(fields);
    }

    public void throwIfAny() {
        if (!fields.isEmpty()) {
            throw ProblemException.invalid(fields);
        }
    }
}
