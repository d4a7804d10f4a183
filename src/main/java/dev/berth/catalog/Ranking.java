package dev.berth.catalog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How advisors compare: whatever does all that is needed fits, and the simplest of those fits best; when nothing does, what
 * lacks least comes closest.
 */
final class Ranking {
    private static final Comparator<Measured> BEST_FIRST =
            Comparator.comparing(Measured::lacks).thenComparing(Measured::beyond, Ranking::compare);

    private Ranking() {}

    /**
     * A candidate measured against the needs.
     *
     * @param met what is to be said of it when it fits, as sentences
     * @param unmet what it lacks, as sentences; empty when it fits
     * @param lacks how many steps it is away from all that is needed
     * @param beyond how far it goes beyond that, the weightiest figure first; as many figures for each candidate
     * @param more whether it does more than somebody needs, as they would see it
     * @param mind what is to be minded in any case, as sentences
     */
    record Measured(
            String key,
            String name,
            List<String> met,
            List<String> unmet,
            int lacks,
            List<Integer> beyond,
            boolean more,
            List<String> mind) {}

    /** @return one for each candidate, in their order; of two that are alike the first fits better */
    static List<Advice> rank(List<Measured> candidates) {
        Optional<Measured> first = candidates.stream().min(BEST_FIRST);
        return candidates.stream()
                .map(one -> advice(one, one == first.orElseThrow()))
                .toList();
    }

    private static Advice advice(Measured one, boolean first) {
        boolean fits = one.unmet().isEmpty();
        List<String> why = new ArrayList<>(fits ? one.met() : one.unmet());
        if (fits && !first && one.more()) {
            why.add("That is more than you need.");
        }
        why.addAll(one.mind());
        Advice.Mark fit = first ? Advice.Mark.BEST : Advice.Mark.GOOD;
        Advice.Mark misfit = first ? Advice.Mark.CLOSEST : Advice.Mark.POOR;
        return new Advice(one.key(), one.name(), fits ? fit : misfit, List.copyOf(why));
    }

    private static int compare(List<Integer> one, List<Integer> other) {
        for (int i = 0; i < one.size(); i++) {
            int difference = Integer.compare(one.get(i), other.get(i));
            if (difference != 0) {
                return difference;
            }
        }
        return 0;
    }
}
