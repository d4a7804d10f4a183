package dev.berth.catalog;

import java.util.List;
import java.util.Locale;

/**
 * What an advisor says of one thing that can be chosen.
 *
 * @param key the name that a form sends for it
 * @param why sentences
 */
public record Advice(String key, String name, Mark mark, List<String> why) {
    /** How well one fits. */
    public enum Mark {
        BEST("Fits best"),
        GOOD("Fits too"),
        CLOSEST("Comes closest"),
        POOR("Does not fit");

        private final String words;

        Mark(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }

        public String css() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public String sentences() {
        return String.join(" ", why);
    }

    /** What is said of the one with this key; null when nothing was asked. */
    public static Advice of(List<Advice> all, String key) {
        return all.stream().filter(one -> one.key().equals(key)).findFirst().orElse(null);
    }
}
