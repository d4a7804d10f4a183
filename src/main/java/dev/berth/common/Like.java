package dev.berth.common;

/** What people look for, as a pattern of SQL's {@code like ... escape '!'}: nothing in it means more than itself. */
public final class Like {
    private Like() {}

    /** Anywhere in a text; blanks around it don't count. */
    public static String anywhere(String text) {
        return "%" + literal(text.strip()) + "%";
    }

    /** At the beginning of a text. */
    public static String beginning(String text) {
        return literal(text) + "%";
    }

    private static String literal(String text) {
        return text.replaceAll("([!%_])", "!$1");
    }
}
