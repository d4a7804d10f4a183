package dev.berth.common;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;

/** A range of IP addresses, of either version (CIDR). */
public record AddressRange(byte[] first, int bits) {
    /** What IANA's registries of special addresses (RFC 6890) hold, for IPv4. */
    private static final List<AddressRange> SPECIAL_4 = Stream.of(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "224.0.0.0/3")
            .map(AddressRange::of)
            .toList();

    /** IPv6 has one range of public addresses; in it, these are not: tunnels into IPv4, benchmarks, documentation. */
    private static final AddressRange PUBLIC_6 = of("2000::/3");

    private static final List<AddressRange> SPECIAL_6 = Stream.of(
                    "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
            .map(AddressRange::of)
            .toList();

    /** @throws IllegalArgumentException for anything but an address, a slash and a number of bits */
    public static AddressRange of(String cidr) {
        String[] parts = cidr.strip().split("/", -1);
        try {
            if (parts.length == 2 && parts[0].matches("[0-9a-fA-F.:]+")) {
                byte[] address = InetAddress.getByName(parts[0]).getAddress();
                int bits = Integer.parseInt(parts[1]);
                if (bits >= 0 && bits <= address.length * 8) {
                    return new AddressRange(address, bits);
                }
            }
        } catch (UnknownHostException | NumberFormatException e) {
            // Falls through: not a range.
        }
        throw new IllegalArgumentException("Not a network: " + cidr + ". Write it as 10.1.0.0/16.");
    }

    public boolean contains(InetAddress address) {
        byte[] other = address.getAddress();
        if (other.length != first.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit % 8);
            if ((other[bit / 8] & mask) != (first[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    /** Whether it is an address of the public network, by IANA's registries. */
    public static boolean isPublic(InetAddress address) {
        return address.getAddress().length == 4
                ? SPECIAL_4.stream().noneMatch(range -> range.contains(address))
                : PUBLIC_6.contains(address) && SPECIAL_6.stream().noneMatch(range -> range.contains(address));
    }
}
