package dev.berth.testing;

import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.NicSpec;
import dev.berth.hypervisor.Traits;
import dev.berth.hypervisor.network.Fit;
import dev.berth.hypervisor.network.MacRange;
import dev.berth.hypervisor.network.NetworkKind;
import io.quarkus.arc.properties.IfBuildProperty;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A kind of network that runs out of things soon, for tests without a hypervisor. */
@Singleton
@IfBuildProperty(name = TinyProfile.TINY, stringValue = "true")
public class TinyNetwork implements NetworkKind {
    /** Settings of a network with so many MAC addresses from this one on, and so many cards for each host. */
    public static Map<String, String> settings(long firstMac, int macs, int cardsPerHost) {
        return Map.of(
                "first", Long.toString(firstMac),
                "macs", Integer.toString(macs),
                "cardsPerHost", Integer.toString(cardsPerHost));
    }

    @Override
    public String id() {
        return "tiny";
    }

    @Override
    public Traits traits() {
        return new Traits("Tiny", "Small.", "Too small.", "Says so.");
    }

    @Override
    public Fit fit() {
        return new Fit(Fit.Reach.DIRECT, true, Fit.Speed.SWITCHED, true);
    }

    @Override
    public List<KindField> fields() {
        return Stream.of("first", "macs", "cardsPerHost")
                .map(name -> KindField.required(name, name, "", ""))
                .toList();
    }

    @Override
    public Map<String, String> validate(Map<String, String> config) {
        return Map.of();
    }

    @Override
    public List<String> addresses(Map<String, String> config) {
        return List.of();
    }

    @Override
    public Optional<MacRange> macs(Map<String, String> config) {
        long first = Long.parseLong(config.get("first"));
        return Optional.of(new MacRange(first, first + Long.parseLong(config.get("macs")) - 1));
    }

    @Override
    public int cardsPerHost(Map<String, String> config) {
        return Integer.parseInt(config.get("cardsPerHost"));
    }

    @Override
    public String render(NicSpec nic) {
        throw new UnsupportedOperationException("No host has it.");
    }
}
