package dev.berth.hypervisor;

import java.util.List;

/**
 * How a guest is to get a card's address, as its first-boot settings say.
 *
 * @param cidr the fixed address with its prefix length, or null for DHCP
 * @param gateway the default route, or null for none
 * @param dns name servers
 */
public record GuestAddress(String cidr, String gateway, List<String> dns) {
    public static final GuestAddress DHCP = new GuestAddress(null, null, List.of());

    public boolean dhcp() {
        return cidr == null;
    }
}
