package dev.berth.common;

/** Spans of whole hours for people. */
public final class Hours {
    private Hours() {}

    /** {@code 3 days}, {@code 12 hours}. */
    public static String words(long hours) {
        return hours > 0 && hours % 24 == 0 ? count(hours / 24, "day") : count(hours, "hour");
    }

    private static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
