package dev.berth.hypervisor.network;

import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.NicSpec;
import dev.berth.hypervisor.Traits;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A kind for tests of what all kinds share: a choice, a fixed setting, groups, and ranges to count. */
@Singleton
public class PretendNetwork implements NetworkKind {
    private static final String DEVICE = "device";

    @Override
    public String id() {
        return "pretend";
    }

    @Override
    public Traits traits() {
        return new Traits(
                "Pretended bridge",
                "Machines are on the outer network as if they were plugged in there.",
                "MAC addresses reach the outer network and have to be managed.",
                "Gives MAC addresses from your range, never the same one twice.");
    }

    @Override
    public Fit fit() {
        return new Fit(Fit.Reach.DIRECT, true, Fit.Speed.SWITCHED, true);
    }

    @Override
    public List<KindField> fields() {
        return Stream.of(
                        List.of(
                                KindField.required(DEVICE, "Device", "A device that the host has.", "br0"),
                                KindField.choice("mode", "Mode", "How frames leave the device.", "vepa", "private")),
                        MacRange.FIELDS,
                        Isolation.FIELDS,
                        OuterRange.FIELDS,
                        Bandwidth.FIELDS)
                .flatMap(List::stream)
                .toList();
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        Map<String, String> problems = new java.util.LinkedHashMap<>(MacRange.problems(config));
        problems.putAll(OuterRange.problems(config));
        problems.putAll(Bandwidth.problems(config));
        if (config.getOrDefault(DEVICE, "").isEmpty()) {
            problems.put(DEVICE, "Write the device's name, for example br0.");
        }
        return problems;
    }

    @Override
    public List<String> addresses(Map<String, String> config) {
        return OuterRange.of(config).map(OuterRange::addresses).orElse(List.of());
    }

    @Override
    public Optional<MacRange> macs(Map<String, String> config) {
        return Optional.of(MacRange.of(config));
    }

    @Override
    public String render(NicSpec nic) {
        throw new UnsupportedOperationException("No machine runs on it.");
    }
}
