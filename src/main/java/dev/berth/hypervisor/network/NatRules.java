package dev.berth.hypervisor.network;

/**
 * The packet filter's rules of one {@code nat} network, as nft reads them. libvirt has rules for this too, but ends
 * every connection towards its bridge that it did not see begin, and no rule of ours could let one pass after that; so
 * libvirt is told to make none ({@code <forward mode='open'/>}).
 */
final class NatRules {
    private NatRules() {}

    static String of(String bridge, Ipv4Net net) {
        return """
                chain postrouting {
                  type nat hook postrouting priority srcnat; policy accept;
                  ip saddr %2$s ip daddr %2$s ct status dnat masquerade
                  ip saddr %2$s ip daddr != { %2$s, 224.0.0.0/4, 255.255.255.255 } meta l4proto { tcp, udp } masquerade to :1024-65535
                  ip saddr %2$s ip daddr != { %2$s, 224.0.0.0/4, 255.255.255.255 } masquerade
                }
                chain forward {
                  type filter hook forward priority filter; policy accept;
                  iifname "%1$s" oifname "%1$s" accept
                  oifname "%1$s" ct state established,related accept
                  oifname "%1$s" ct status dnat accept
                  oifname "%1$s" reject
                  iifname "%1$s" ip saddr != %2$s reject
                }
                """
                .formatted(bridge, net);
    }
}
