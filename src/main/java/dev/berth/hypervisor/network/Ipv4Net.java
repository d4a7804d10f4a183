package dev.berth.hypervisor.network;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/** An IPv4 network in CIDR notation. Addresses are unsigned 32-bit numbers in a long. */
public record Ipv4Net(long base, int prefix) {
    private static final Pattern ADDRESS = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
    private static final Pattern CIDR = Pattern.compile("([0-9.]{7,15})/(\\d{1,2})");

    private static final List<Ipv4Net> PRIVATE = List.of(
            new Ipv4Net(10L << 24, 8),
            new Ipv4Net((172L << 24) + (16 << 16), 12),
            new Ipv4Net((192L << 24) + (168 << 16), 16));

    /** What no machine can have: "this network", loopback, link-local, multicast and reserved (RFC 6890). */
    private static final List<Ipv4Net> SPECIAL = List.of(
            new Ipv4Net(0, 8),
            new Ipv4Net(127L << 24, 8),
            new Ipv4Net((169L << 24) + (254 << 16), 16),
            new Ipv4Net(224L << 24, 3));

    /** The network, or empty if the text is none or has bits set behind the prefix. */
    static Optional<Ipv4Net> parse(String text) {
        Matcher matcher = CIDR.matcher(text);
        if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 32) {
            return Optional.empty();
        }
        return address(matcher.group(1))
                .map(base -> new Ipv4Net(base, Integer.parseInt(matcher.group(2))))
                .filter(net -> net.base % net.size() == 0);
    }

    static Optional<Long> address(String text) {
        Matcher matcher = ADDRESS.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long address = 0;
        for (int group = 1; group <= 4; group++) {
            int part = Integer.parseInt(matcher.group(group));
            if (part > 255
                    || (matcher.group(group).length() > 1
                            && matcher.group(group).startsWith("0"))) {
                return Optional.empty();
            }
            address = address * 256 + part;
        }
        return Optional.of(address);
    }

    static String text(long address) {
        return "%d.%d.%d.%d".formatted(address >> 24 & 255, address >> 16 & 255, address >> 8 & 255, address & 255);
    }

    /** The network that an address with a netmask or prefix lies in. */
    static Ipv4Net around(long address, int prefix) {
        long size = 1L << (32 - prefix);
        return new Ipv4Net(address / size * size, prefix);
    }

    long size() {
        return 1L << (32 - prefix);
    }

    long gateway() {
        return base + 1;
    }

    long broadcast() {
        return base + size() - 1;
    }

    String netmask() {
        return text((0xFFFFFFFFL << (32 - prefix)) & 0xFFFFFFFFL);
    }

    boolean contains(long address) {
        return address >= base && address <= broadcast();
    }

    public boolean overlaps(Ipv4Net other) {
        return contains(other.base) || other.contains(base);
    }

    /** Within the ranges of RFC 1918. */
    boolean isPrivate() {
        return PRIVATE.stream().anyMatch(range -> range.contains(base) && range.contains(broadcast()));
    }

    /** Whether its addresses are such as machines can have on a network that is forwarded. */
    boolean isUnicast() {
        return SPECIAL.stream().noneMatch(this::overlaps);
    }

    static List<String> range(long first, long last) {
        return LongStream.rangeClosed(first, last).mapToObj(Ipv4Net::text).toList();
    }

    @Override
    public String toString() {
        return text(base) + "/" + prefix;
    }
}
