package dev.berth.hypervisor;

import java.util.List;
import java.util.Map;

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

    public static HostCheck problems(List<String> problems) {
        return new HostCheck(problems, List.of());
    }

    public boolean good() {
        return problems.isEmpty();
    }
}
