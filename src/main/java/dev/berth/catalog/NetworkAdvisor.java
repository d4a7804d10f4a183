package dev.berth.catalog;

import dev.berth.catalog.Question.Answer;
import dev.berth.hypervisor.network.Fit;
import dev.berth.hypervisor.network.Fit.Reach;
import dev.berth.hypervisor.network.Fit.Speed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Points at the network that fits, from three plain answers and what each kind does for whom. It only advises: the
 * simplest one that does all that is asked for fits best, and every other can be chosen all the same.
 */
public final class NetworkAdvisor {
    public static final List<Question> QUESTIONS = List.of(
            new Question(
                    "reach",
                    "Who must reach it?",
                    List.of(
                            Question.ANY,
                            new Answer("opened_ports", "Its neighbours, and others on single ports"),
                            new Answer("routed", "Other networks of ours, on every port"),
                            new Answer("direct", "Everybody on the outer network"))),
            new Question(
                    "team",
                    "Does the network team need to see it?",
                    List.of(
                            Question.ANY,
                            new Answer("yes", "Yes, each machine with a MAC address of its own"),
                            new Answer("no", "No"))),
            new Question(
                    "speed",
                    "How much speed does it need?",
                    List.of(
                            Question.ANY,
                            new Answer("translated", "Everyday speed: a shell, web pages, updates"),
                            new Answer("switched", "Much: files, databases, backups"),
                            new Answer("direct", "All that the wire has"))));

    /** What somebody needs; empty where it does not matter. */
    public record Needs(Optional<Reach> reach, Optional<Boolean> networkTeam, Optional<Speed> speed) {
        /** From the values of answers; what is none of them does not matter. */
        public static Needs of(String reach, String team, String speed) {
            return new Needs(
                    constant(Reach.values(), reach),
                    Optional.ofNullable(team)
                            .filter(word -> word.equals("yes") || word.equals("no"))
                            .map("yes"::equals),
                    constant(Speed.values(), speed));
        }

        private static <E extends Enum<E>> Optional<E> constant(E[] values, String word) {
            return Arrays.stream(values)
                    .filter(value -> value.name().toLowerCase(Locale.ROOT).equals(word))
                    .findFirst();
        }

        /** Whether anything was answered at all. */
        public boolean any() {
            return reach.isPresent() || networkTeam.isPresent() || speed.isPresent();
        }
    }

    /** A network to choose from, by the name that a form sends. */
    public record Candidate(String key, String name, Fit fit) {}

    private NetworkAdvisor() {}

    /** @return one for each candidate, in their order; none when nothing was answered */
    public static List<Advice> advise(Needs needs, List<Candidate> candidates) {
        return needs.any()
                ? Ranking.rank(candidates.stream()
                        .map(candidate -> measured(needs, candidate))
                        .toList())
                : List.of();
    }

    private static Ranking.Measured measured(Needs needs, Candidate candidate) {
        Fit fit = candidate.fit();
        return new Ranking.Measured(
                candidate.key(),
                candidate.name(),
                met(needs, fit),
                unmet(needs, fit),
                lacks(needs, fit),
                beyond(needs, fit),
                more(needs, fit),
                fit.reachesHost()
                        ? List.of()
                        : List.of("Mind that a machine and its own host can't talk to each other."));
    }

    private static List<String> unmet(Needs needs, Fit fit) {
        List<String> unmet = new ArrayList<>();
        if (needs.reach().filter(reach -> fit.reach().compareTo(reach) < 0).isPresent()) {
            unmet.add(reached(fit.reach()));
        }
        if (needs.networkTeam().orElse(false) && !fit.seenByNetworkTeam()) {
            unmet.add(seen(false));
        }
        if (needs.speed().filter(speed -> fit.speed().compareTo(speed) < 0).isPresent()) {
            unmet.add(carried(fit.speed()));
        }
        return unmet;
    }

    /** How many steps it is away from all that is needed. */
    private static int lacks(Needs needs, Fit fit) {
        return needs.reach()
                        .map(reach -> Math.max(0, reach.ordinal() - fit.reach().ordinal()))
                        .orElse(0)
                + (needs.networkTeam().orElse(false) && !fit.seenByNetworkTeam() ? 1 : 0)
                + needs.speed()
                        .map(speed -> Math.max(0, speed.ordinal() - fit.speed().ordinal()))
                        .orElse(0);
    }

    /** How far it goes beyond what is needed: more reach, a sight nobody asked for, more speed, a host out of reach. */
    private static List<Integer> beyond(Needs needs, Fit fit) {
        return List.of(
                Math.max(
                        0,
                        fit.reach().ordinal()
                                - needs.reach().map(Reach::ordinal).orElse(0)),
                fit.seenByNetworkTeam() && !needs.networkTeam().orElse(false) ? 1 : 0,
                fit.reachesHost() ? 0 : 1,
                Math.max(
                        0,
                        fit.speed().ordinal()
                                - needs.speed().map(Speed::ordinal).orElse(0)));
    }

    private static List<String> met(Needs needs, Fit fit) {
        List<String> met = new ArrayList<>();
        needs.reach().ifPresent(reach -> met.add(reached(fit.reach())));
        needs.networkTeam().ifPresent(team -> met.add(seen(fit.seenByNetworkTeam())));
        needs.speed().ifPresent(speed -> met.add(carried(fit.speed())));
        return met;
    }

    private static boolean more(Needs needs, Fit fit) {
        return needs.reach().filter(reach -> fit.reach().compareTo(reach) > 0).isPresent()
                || (fit.seenByNetworkTeam() && !needs.networkTeam().orElse(true));
    }

    private static String reached(Reach reach) {
        return switch (reach) {
            case OPENED_PORTS -> "Others reach a machine through ports that are opened for them.";
            case ROUTED -> "Whoever has a route to its network reaches a machine on every port.";
            case DIRECT -> "Everybody on the outer network reaches a machine.";
        };
    }

    private static String seen(boolean seen) {
        return seen
                ? "The network team sees each machine with a MAC address of its own."
                : "The network team sees the host alone, not its machines.";
    }

    private static String carried(Speed speed) {
        return switch (speed) {
            case TRANSLATED -> "The host translates and forwards every packet, which costs speed.";
            case FORWARDED -> "The host forwards every packet, which costs some speed.";
            case SWITCHED -> "The host switches every frame, which costs a little speed.";
            case DIRECT -> "Frames go to the device nearly untouched.";
        };
    }
}
