package dev.berth.hypervisor.network;

import dev.berth.hypervisor.KindField;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** MAC addresses (EUI-48) from first to last, both included, as unsigned 48-bit numbers. */
public record MacRange(long first, long last) {
    static final String START = "macStart";
    static final String END = "macEnd";

    /** QEMU's and KVM's own, 52:54:00, which is locally administered. */
    public static final MacRange QEMU = new MacRange(0x525400000000L, 0x525400FFFFFFL);

    private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}");
    private static final long GROUP_BIT = 1L << 40;
    private static final long LOCAL_BIT = 1L << 41;

    static final List<KindField> FIELDS = List.of(
            KindField.required(
                            START,
                            "First MAC address",
                            "Machines' cards get MAC addresses from here on. The network team has to know the range.",
                            "52:54:00:a0:00:00")
                    .changeable(),
            KindField.required(END, "Last MAC address", "Cards get MAC addresses up to here.", "52:54:00:a0:ff:ff")
                    .changeable());

    /** @throws java.util.NoSuchElementException for settings that have {@link #problems} */
    static MacRange of(Map<String, String> config) {
        return new MacRange(
                parse(config.get(START)).orElseThrow(), parse(config.get(END)).orElseThrow());
    }

    static Map<String, String> problems(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>();
        Optional<Long> start = checked(config, START, problems);
        Optional<Long> end = checked(config, END, problems);
        if (start.isPresent() && end.isPresent() && start.get() > end.get()) {
            problems.put(END, "The last MAC address lies before the first one. Exchange them.");
        } else if (problems.isEmpty() && start.isPresent() && end.isPresent() && (start.get() ^ end.get()) >> 40 != 0) {
            problems.put(END, "Let both MAC addresses begin with the same two digits.");
        }
        return problems;
    }

    private static Optional<Long> checked(Map<String, String> config, String field, Map<String, String> problems) {
        Optional<Long> mac = parse(config.getOrDefault(field, ""));
        if (mac.isEmpty()) {
            problems.put(field, "Write a MAC address, for example 52:54:00:a0:00:00.");
        } else if ((mac.get() & GROUP_BIT) != 0) {
            problems.put(
                    field, "This is a multicast address: no card can have it. Let its second digit be 2, 6, a or e.");
        } else if ((mac.get() & LOCAL_BIT) == 0) {
            problems.put(
                    field,
                    "This belongs to a manufacturer (universally administered). Let its second digit be 2, 6, a or e.");
        } else {
            return mac;
        }
        return Optional.empty();
    }

    static Optional<Long> parse(String text) {
        return MAC.matcher(text).matches()
                ? Optional.of(HexFormat.fromHexDigitsToLong(text.replaceAll("[:-]", "")))
                : Optional.empty();
    }

    /** As libvirt writes it: lower case, with colons. */
    public static String text(long mac) {
        return "%012x".formatted(mac).replaceAll("(..)(?=.)", "$1:");
    }

    boolean contains(long mac) {
        return mac >= first && mac <= last;
    }

    public long size() {
        return last - first + 1;
    }
}
