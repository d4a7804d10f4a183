package dev.berth.hypervisor;

import dev.berth.hypervisor.ForwardSpec.Protocol;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * The ports of this host that lead to machines: one nftables table of the installation's own, replaced whole. It
 * changes where new connections go; that they may pass is said by the table of the machine's network.
 *
 * <p>The kernel keeps sending the packets of a known connection where its first one went, whatever the rules say by
 * then. So connections made here are labelled, and once their port is closed their packets are refused: a sender who
 * never pauses would else reach the next machine with that address. The two labels are this installation's own, as far as
 * 4,096 pairs go: another one on the same host has a table, too, and must not take our connections for its own.
 */
@Singleton
public class PortForwards {
    /** A connection can have each of 128 labels. */
    private static final int HALF_OF_LABELS = 64;

    /** Nothing is made before the first port is opened; after that the table stays, to refuse what was closed. */
    void apply(UUID installationId, List<ForwardSpec> wanted) {
        NftTable table = NftTable.of("fwd", installationId);
        if (!wanted.isEmpty() || table.exists()) {
            table.ensure(rules(installationId, wanted));
        }
    }

    /**
     * Addresses of 127.0.0.0/8 stay the host's own: the kernel lets nothing from there reach another interface. A
     * refusal belongs to the connection that it ends, so it must not be refused itself.
     */
    static String rules(UUID installationId, Collection<ForwardSpec> wanted) {
        long random = installationId.getLeastSignificantBits();
        return """
                map forwards {
                  type inet_proto . inet_service : ipv4_addr . inet_service
                %1$s}
                set open_tcp {
                  type inet_service . ipv4_addr . inet_service
                %2$s}
                set open_udp {
                  type inet_service . ipv4_addr . inet_service
                %3$s}
                chain prerouting {
                  type nat hook prerouting priority dstnat; policy accept;
                  fib daddr type local meta l4proto { tcp, udp } dnat ip to meta l4proto . th dport map @forwards
                }
                chain output {
                  type nat hook output priority -100; policy accept;
                  fib daddr type local ip daddr != 127.0.0.0/8 meta l4proto { tcp, udp } dnat ip to meta l4proto . th dport map @forwards
                }
                chain forward {
                  type filter hook forward priority filter - 5; policy accept;
                  ct status dnat jump still_open
                }
                chain local {
                  type filter hook output priority filter - 5; policy accept;
                  ct status dnat jump still_open
                }
                chain still_open {
                  meta l4proto != { tcp, udp } return
                  tcp flags & rst == rst return
                  ct original protocol tcp ct original proto-dst . ct reply ip saddr . ct reply proto-src @open_tcp ct label set %4$d ct label set %5$d return
                  ct original protocol udp ct original proto-dst . ct reply ip saddr . ct reply proto-src @open_udp ct label set %4$d ct label set %5$d return
                  ct label %4$d ct label %5$d meta l4proto tcp reject with tcp reset
                  ct label %4$d ct label %5$d reject
                }
                """
                .formatted(
                        elements(wanted, forward -> "%s . %d : %s . %d"
                                .formatted(
                                        forward.protocol().name().toLowerCase(Locale.ROOT),
                                        forward.hostPort(),
                                        forward.address(),
                                        forward.guestPort())),
                        open(wanted, Protocol.TCP),
                        open(wanted, Protocol.UDP),
                        Math.floorMod(random, HALF_OF_LABELS),
                        HALF_OF_LABELS + Math.floorMod(random >> Byte.SIZE, HALF_OF_LABELS));
    }

    private static String open(Collection<ForwardSpec> wanted, Protocol protocol) {
        return elements(
                wanted.stream()
                        .filter(forward -> forward.protocol() == protocol)
                        .toList(),
                forward -> "%d . %s . %d".formatted(forward.hostPort(), forward.address(), forward.guestPort()));
    }

    /** In one order, so that the same forwards make the same text. An empty set has no elements at all. */
    private static String elements(
            Collection<ForwardSpec> forwards, java.util.function.Function<ForwardSpec, String> element) {
        if (forwards.isEmpty()) {
            return "";
        }
        return forwards.stream()
                .sorted(Comparator.comparing(ForwardSpec::protocol).thenComparing(ForwardSpec::hostPort))
                .map(element)
                .collect(Collectors.joining(",\n    ", "  elements = {\n    ", "\n  }\n"));
    }
}
