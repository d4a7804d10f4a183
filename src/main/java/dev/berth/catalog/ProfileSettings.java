package dev.berth.catalog;

import dev.berth.hypervisor.KindField;
import java.util.LinkedHashMap;
import java.util.Map;

/** What holds for the settings of every kind. */
final class ProfileSettings {
    private static final int MAX_VALUE = 500;

    private ProfileSettings() {}

    /** Settings that the kind does not have, and values that are not among its choices. */
    static Map<String, String> unknown(Profiles.Kind kind, Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>();
        config.forEach((name, value) -> kind.fields().stream()
                .filter(field -> field.name().equals(name))
                .findFirst()
                .map(field -> problem(field, value))
                .or(() ->
                        java.util.Optional.of("The kind " + kind.id() + " has no setting of this name. Leave it out."))
                .filter(sentence -> !sentence.isEmpty())
                .ifPresent(sentence -> problems.put(name, sentence)));
        return problems;
    }

    private static String problem(KindField field, String value) {
        if (!field.options().isEmpty() && !field.options().contains(value)) {
            return "Choose one of " + String.join(", ", field.options()) + ".";
        }
        return value.length() > MAX_VALUE || value.chars().anyMatch(Character::isISOControl)
                ? "Use one line of at most " + MAX_VALUE + " characters."
                : "";
    }

    /** Changes that would pull the network or the disk out from under machines. */
    static Map<String, String> fixed(
            Profiles.Kind kind, Map<String, String> before, Map<String, String> after, long machines) {
        Map<String, String> problems = new LinkedHashMap<>();
        if (machines > 0) {
            kind.fields().stream()
                    .filter(field -> field.fixed() && differs(field, before, after))
                    .forEach(field -> problems.put(field.name(), stays(machines)));
        }
        return problems;
    }

    private static String stays(long machines) {
        return "This stays as it is while " + (machines == 1 ? "a machine uses" : machines + " machines use")
                + " the profile. Make another profile, or delete what uses this one first.";
    }

    /** Whether the settings amount to something else than before. */
    static boolean differ(Profiles.Kind kind, Map<String, String> before, Map<String, String> after) {
        return kind.fields().stream().anyMatch(field -> differs(field, before, after));
    }

    private static boolean differs(KindField field, Map<String, String> before, Map<String, String> after) {
        return !field.meaning(before.get(field.name())).equals(field.meaning(after.get(field.name())));
    }
}
