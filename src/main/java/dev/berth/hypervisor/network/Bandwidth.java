package dev.berth.hypervisor.network;

import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.KindField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How much a card may carry in each direction, as libvirt's {@code <bandwidth>} has it: kilobytes a second, and
 * kilobytes for the burst. Inbound is towards the machine.
 *
 * @see <a href="https://libvirt.org/formatnetwork.html#quality-of-service">libvirt: quality of service</a>
 */
public record Bandwidth(Optional<Limit> inbound, Optional<Limit> outbound) {
    private static final long MOST_KILOBYTES = 100_000_000;

    /** The peak is the average where none is set, and the burst zero. */
    public record Limit(long average, long peak, long burst) {}

    /** One direction's settings. */
    private record Direction(String prefix, String words) {
        String average() {
            return prefix + "Average";
        }

        String peak() {
            return prefix + "Peak";
        }

        String burst() {
            return prefix + "Burst";
        }

        Stream<KindField> fields() {
            return Stream.of(
                    KindField.optional(
                            average(),
                            "Average " + words,
                            "In kB/s for each card. Empty for no limit. Can be changed while machines run.",
                            "12500"),
                    KindField.optional(peak(), "Peak " + words, "In kB/s, while a burst lasts.", "25000"),
                    KindField.optional(burst(), "Burst " + words, "In kB that may go at peak speed.", "2048"));
        }
    }

    private static final Direction IN = new Direction("inbound", "to a machine");
    private static final Direction OUT = new Direction("outbound", "from a machine");

    static final List<KindField> FIELDS = Stream.concat(IN.fields(), OUT.fields())
            .map(field -> field.changeable().in("Speed limits"))
            .toList();

    /** The limits in these settings, which have no {@link #problems}. */
    static Bandwidth of(Map<String, String> config) {
        return new Bandwidth(limit(config, IN), limit(config, OUT));
    }

    private static Optional<Limit> limit(Map<String, String> config, Direction direction) {
        long average = number(config, direction.average());
        // Open vSwitch takes the peak alone for a limit, and libvirt keeps its last one when none is told.
        return average == 0
                ? Optional.empty()
                : Optional.of(new Limit(
                        average,
                        Math.max(average, number(config, direction.peak())),
                        number(config, direction.burst())));
    }

    private static long number(Map<String, String> config, String field) {
        String text = config.getOrDefault(field, "");
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }

    /**
     * What keeps this host from limiting cards as the settings say, in a sentence. libvirt's own commands are tried in
     * a network namespace that is gone with them, for no kernel lists what it can do.
     */
    static List<String> problemsOn(String host, Map<String, String> config) {
        Bandwidth bandwidth = of(config);
        StringBuilder trial = new StringBuilder("true");
        if (bandwidth.inbound().isPresent()) {
            trial.append(" && tc qdisc add dev lo root handle 1: htb default 1"
                    + " && tc class add dev lo parent 1: classid 1:1 htb rate 1000kbps"
                    + " && tc qdisc add dev lo parent 1:1 handle 2: sfq perturb 10");
        }
        if (bandwidth.outbound().isPresent()) {
            trial.append(" && tc qdisc add dev lo ingress && tc filter add dev lo parent ffff: protocol all u32"
                    + " match u32 0 0 police rate 1000kbps burst 1000kb mtu 64kb drop flowid :1");
        }
        boolean limits = bandwidth.inbound().isPresent() || bandwidth.outbound().isPresent();
        return !limits
                        || HostCommand.of("unshare", "--net", "sh", "-c", trial.toString())
                                .run()
                                .succeeded()
                ? List.of()
                : List.of("Host " + host + " can't limit how much machines send and receive. Install iproute2 and the"
                        + " kernel modules sch_htb, sch_sfq, sch_ingress, cls_u32 and act_police there, or leave the"
                        + " profile's limits empty.");
    }

    static Map<String, String> problems(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>();
        for (Direction direction : List.of(IN, OUT)) {
            List<String> good = new ArrayList<>();
            for (String field : List.of(direction.average(), direction.peak(), direction.burst())) {
                String text = config.getOrDefault(field, "");
                if (!text.isEmpty() && (!text.matches("[1-9]\\d{0,8}") || Long.parseLong(text) > MOST_KILOBYTES)) {
                    problems.put(field, "Write a whole number from 1 to " + MOST_KILOBYTES + ", or leave it empty.");
                } else if (!text.isEmpty()) {
                    good.add(field);
                }
            }
            if (good.size() > 0 && !good.contains(direction.average()) && !problems.containsKey(direction.average())) {
                problems.put(direction.average(), "A peak or a burst needs an average beside it.");
            } else if (good.contains(direction.average())
                    && good.contains(direction.peak())
                    && number(config, direction.peak()) < number(config, direction.average())) {
                problems.put(direction.peak(), "The peak is lower than the average. Let it be at least as high.");
            }
        }
        return problems;
    }
}
