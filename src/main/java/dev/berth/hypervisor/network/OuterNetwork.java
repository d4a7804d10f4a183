package dev.berth.hypervisor.network;

import dev.berth.hypervisor.GuestAddress;
import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.NetworkSpec;
import dev.berth.hypervisor.NicSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A kind that plugs machines into a network which somebody else runs. The admin says which MAC addresses they have
 * there, and which IP addresses if its own DHCP server is not to give them. Nothing is made on a host; what has to be
 * there is checked.
 */
interface OuterNetwork extends NetworkKind {
    /** The settings of this kind alone. */
    List<KindField> ownFields();

    /** Problems of the settings of this kind alone. */
    Map<String, String> ownProblems(Map<String, String> config);

    @Override
    default List<KindField> fields() {
        return Stream.of(ownFields(), MacRange.FIELDS, OuterRange.FIELDS, Bandwidth.FIELDS, BootServer.OUTER_FIELDS)
                .flatMap(List::stream)
                .toList();
    }

    @Override
    default Map<String, String> validate(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>(ownProblems(config));
        problems.putAll(MacRange.problems(config));
        problems.putAll(OuterRange.problems(config));
        problems.putAll(Bandwidth.problems(config));
        problems.putAll(BootServer.outerProblems(config));
        return problems;
    }

    @Override
    default boolean boots(Map<String, String> config) {
        return BootServer.isOutside(config);
    }

    @Override
    default Optional<MacRange> macs(Map<String, String> config) {
        return Optional.of(MacRange.of(config));
    }

    @Override
    default List<String> addresses(Map<String, String> config) {
        return OuterRange.of(config).map(OuterRange::addresses).orElse(List.of());
    }

    @Override
    default GuestAddress guestAddress(NicSpec nic) {
        return nic.address() == null
                ? GuestAddress.DHCP
                : OuterRange.of(nic.network().config())
                        .map(range -> range.guestAddress(nic.address()))
                        .orElse(GuestAddress.DHCP);
    }

    /** @throws HypervisorException {@code MISSING} with the first problem that the host has with it */
    @Override
    default void ensure(NetworkSpec network, LibvirtHost host) {
        Map<String, String> settings = validate(network.config());
        if (!settings.isEmpty()) {
            throw new HypervisorException(
                    Reason.REJECTED, settings.values().iterator().next());
        }
        HostCheck check = check(network, host);
        if (!check.good()) {
            throw new HypervisorException(Reason.MISSING, check.problems().get(0));
        }
    }
}
