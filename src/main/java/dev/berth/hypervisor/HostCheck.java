package dev.berth.hypervisor;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a host says when asked whether it can offer a profile. Each problem and each advice is a sentence that says what
 * to do.
 *
 * @param problems keep the host from offering it
 * @param advice does not, but somebody should know
 * @param facts what a page shows in its own way; a kind says which there are
 */
public record HostCheck(List<String> problems, List<String> advice, Map<String, String> facts) {
    public static final HostCheck GOOD = new HostCheck(List.of(), List.of());

    public HostCheck {
        problems = List.copyOf(problems);
        advice = List.copyOf(advice);
        facts = Map.copyOf(facts);
    }

    public HostCheck(List<String> problems, List<String> advice) {
        this(problems, advice, Map.of());
    }

    /** The same with a sentence more of advice. */
    public HostCheck advising(String sentence) {
        return new HostCheck(
                problems, Stream.concat(advice.stream(), Stream.of(sentence)).toList(), facts);
    }

    /** The same with these facts besides. */
    public HostCheck knowing(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(facts);
        all.putAll(more);
        return new HostCheck(problems, advice, all);
    }

    public static HostCheck problems(List<String> problems) {
        return new HostCheck(problems, List.of());
    }

    public boolean good() {
        return problems.isEmpty();
    }
}
