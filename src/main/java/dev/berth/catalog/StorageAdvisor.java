package dev.berth.catalog;

import dev.berth.catalog.Question.Answer;
import dev.berth.hypervisor.disk.DiskFit;
import dev.berth.hypervisor.disk.DiskFit.Speed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Points at the storage that fits, from three plain answers and what each kind of disk does for whom. It only advises: the
 * simplest one that does all that is asked for fits best, and every other can be chosen all the same.
 */
public final class StorageAdvisor {
    public static final List<Question> QUESTIONS = List.of(
            new Question(
                    "states",
                    "Should it keep states to go back to, or be cloned?",
                    List.of(Question.ANY, new Answer("yes", "Yes, snapshots and clones"), new Answer("no", "No"))),
            new Question(
                    "pace",
                    "How fast must it be?",
                    List.of(
                            Question.ANY,
                            new Answer("thin", "Everyday speed: a shell, web pages, tests"),
                            new Answer("file", "Fast: builds, large files"),
                            new Answer("device", "A database's speed: all that the medium has"))),
            new Question(
                    "outside",
                    "What else must it go with?",
                    List.of(
                            Question.ANY,
                            new Answer("array", "Our storage's own copies and disaster recovery"),
                            new Answer("files", "Other machines, which share its files"))));

    /** What else a disk can have to go with. */
    enum Outside {
        ARRAY,
        FILES
    }

    /** What somebody needs; empty where it does not matter. */
    public record Needs(Optional<Boolean> states, Optional<Speed> pace, Optional<Outside> outside) {
        /** From the values of answers; what is none of them does not matter. */
        public static Needs of(String states, String pace, String outside) {
            return new Needs(
                    Optional.ofNullable(states)
                            .filter(word -> word.equals("yes") || word.equals("no"))
                            .map("yes"::equals),
                    constant(Speed.values(), pace),
                    constant(Outside.values(), outside));
        }

        private static <E extends Enum<E>> Optional<E> constant(E[] values, String word) {
            return Arrays.stream(values)
                    .filter(value -> value.name().toLowerCase(Locale.ROOT).equals(word))
                    .findFirst();
        }

        /** Whether anything was answered at all. */
        public boolean any() {
            return states.isPresent() || pace.isPresent() || outside.isPresent();
        }

        private boolean wantStates() {
            return states.orElse(false);
        }

        private boolean want(Outside what) {
            return outside.filter(what::equals).isPresent();
        }
    }

    /**
     * A storage to choose from, by the name that a form sends.
     *
     * @param pace bytes a second that were measured on this installation's own hosts, 0 if none were; of those that fit
     *     alike the fastest fits best
     * @param measured the same in words, or empty
     */
    public record Candidate(String key, String name, DiskFit fit, long pace, String measured) {
        public Candidate(String key, String name, DiskFit fit) {
            this(key, name, fit, 0, "");
        }
    }

    private StorageAdvisor() {}

    /** @return one for each candidate, in their order; none when nothing was answered */
    public static List<Advice> advise(Needs needs, List<Candidate> candidates) {
        return needs.any()
                ? Ranking.rank(candidates.stream()
                        .map(candidate -> measured(needs, candidate))
                        .toList())
                : List.of();
    }

    private static Ranking.Measured measured(Needs needs, Candidate candidate) {
        DiskFit fit = candidate.fit();
        return new Ranking.Measured(
                candidate.key(),
                candidate.name(),
                met(needs, fit),
                unmet(needs, fit),
                lacks(needs, fit),
                ranked(needs, candidate),
                beyond(needs, fit).stream().anyMatch(more -> more > 0),
                needs.pace().isPresent() && !candidate.measured().isEmpty()
                        ? List.of(candidate.measured())
                        : List.of());
    }

    private static List<String> unmet(Needs needs, DiskFit fit) {
        List<String> unmet = new ArrayList<>();
        if (needs.wantStates() && !fit.snapshots()) {
            unmet.add(states(false));
        }
        if (needs.pace().filter(pace -> fit.speed().compareTo(pace) < 0).isPresent()) {
            unmet.add(paced(fit.speed()));
        }
        if (needs.want(Outside.ARRAY) && !fit.arrayCopies()) {
            unmet.add(copied(false));
        }
        if (needs.want(Outside.FILES) && !fit.sharedFiles()) {
            unmet.add(shared(false));
        }
        return unmet;
    }

    /** How many steps it is away from all that is needed. */
    private static int lacks(Needs needs, DiskFit fit) {
        return (needs.wantStates() && !fit.snapshots() ? 1 : 0)
                + needs.pace()
                        .map(pace -> Math.max(0, pace.ordinal() - fit.speed().ordinal()))
                        .orElse(0)
                + (needs.want(Outside.ARRAY) && !fit.arrayCopies() ? 1 : 0)
                + (needs.want(Outside.FILES) && !fit.sharedFiles() ? 1 : 0);
    }

    /** How far it goes beyond what is needed. Snapshots that nobody asked for cost nothing until one is taken. */
    private static List<Integer> beyond(Needs needs, DiskFit fit) {
        return List.of(
                fit.sharedFiles() && !needs.want(Outside.FILES) ? 1 : 0,
                Math.max(
                        0,
                        fit.speed().ordinal() - needs.pace().map(Speed::ordinal).orElse(0)),
                fit.arrayCopies() && !needs.want(Outside.ARRAY) ? 1 : 0);
    }

    private static List<Integer> ranked(Needs needs, Candidate candidate) {
        List<Integer> ranked = new ArrayList<>(beyond(needs, candidate.fit()));
        ranked.add(needs.pace().isPresent() ? -(int) (candidate.pace() >> 20) : 0);
        return ranked;
    }

    private static List<String> met(Needs needs, DiskFit fit) {
        List<String> met = new ArrayList<>();
        needs.states().ifPresent(wanted -> met.add(states(fit.snapshots())));
        needs.pace().ifPresent(pace -> met.add(paced(fit.speed())));
        needs.outside().ifPresent(what -> met.add(what == Outside.ARRAY ? copied(true) : shared(true)));
        return met;
    }

    private static String states(boolean kept) {
        return kept
                ? "It keeps states of itself to go back to, and machines can be cloned from it."
                : "It keeps no states to go back to or to clone from.";
    }

    private static String paced(Speed speed) {
        return switch (speed) {
            case THIN -> "Each write may have to find its place first, which costs speed.";
            case FILE -> "A file system lies between a machine and the medium, which costs a little speed.";
            case NETWORK -> "A network lies between a machine and the medium.";
            case DEVICE -> "Reads and writes go to the device itself.";
        };
    }

    private static String copied(boolean seen) {
        return seen
                ? "The storage's own copies and disaster recovery see each disk as one of theirs."
                : "The storage's own copies and disaster recovery don't see its disks one by one.";
    }

    private static String shared(boolean shared) {
        return shared ? "Several machines can have the same files." : "What is on it belongs to one machine.";
    }
}
