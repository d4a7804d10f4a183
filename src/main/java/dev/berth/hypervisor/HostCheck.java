package dev.berth.hypervisor;

import java.util.List;

/**
 * What a host says when asked whether it can offer a profile. Each entry is a sentence that says what to do.
 *
 * @param problems keep the host from offering it
 * @param advice does not, but somebody should know
 */
public record HostCheck(List<String> problems, List<String> advice) {
    public static final HostCheck GOOD = new HostCheck(List.of(), List.of());

    public HostCheck {
        problems = List.copyOf(problems);
        advice = List.copyOf(advice);
    }

    public static HostCheck problems(List<String> problems) {
        return new HostCheck(problems, List.of());
    }

    public boolean good() {
        return problems.isEmpty();
    }
}
