package dev.berth.hypervisor.network;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ports from first to last, both included. */
public record PortRange(int first, int last) {
    private static final Pattern RANGE = Pattern.compile("(\\d{1,5})-(\\d{1,5})");
    private static final int LAST_PORT = 65_535;
    /** Below are those of the host's own services. */
    private static final int FIRST_FREE_PORT = 1_024;

    /** {@code 20000-20999}; empty if the text is no range of ports above 1023. */
    static Optional<PortRange> parse(String text) {
        Matcher matcher = RANGE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        PortRange range = new PortRange(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
        return range.first >= FIRST_FREE_PORT && range.last <= LAST_PORT && range.first <= range.last
                ? Optional.of(range)
                : Optional.empty();
    }

    public boolean contains(int port) {
        return port >= first && port <= last;
    }

    @Override
    public String toString() {
        return first + "-" + last;
    }
}
