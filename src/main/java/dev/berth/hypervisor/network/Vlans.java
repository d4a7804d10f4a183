package dev.berth.hypervisor.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** VLAN identifiers (IEEE 802.1Q): 1 to 4094, for 0 and 4095 mean something else. */
final class Vlans {
    static final String PROBLEM =
            "Write a VLAN number from 1 to 4094. 0 and 4095 are reserved, and there are no higher ones.";

    private static final Pattern NUMBER = Pattern.compile("[1-9]\\d{0,3}");
    private static final int LAST = 4_094;

    private Vlans() {}

    static Optional<Integer> parse(String text) {
        return NUMBER.matcher(text).matches() && Integer.parseInt(text) <= LAST
                ? Optional.of(Integer.valueOf(text))
                : Optional.empty();
    }

    /** {@code 42, 43}; empty if anything in it is no VLAN or is there twice. */
    static Optional<List<Integer>> parseAll(String text) {
        List<Integer> all = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Optional<Integer> one = parse(part.strip());
            if (one.isEmpty() || all.contains(one.get())) {
                return Optional.empty();
            }
            all.add(one.get());
        }
        return Optional.of(all);
    }
}
