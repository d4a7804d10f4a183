package dev.berth.hypervisor.network;

import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.NetworkSpec;
import dev.berth.hypervisor.NicSpec;
import dev.berth.hypervisor.Traits;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One of KVM's kinds of network: what it is good for, what it needs, and how libvirt is told about it.
 *
 * <p>Another kind is one class here, a CDI singleton, and one file in {@code templates/libvirt/network/}. A kind has no
 * state and keeps nothing on a host but what its verbs make. Each verb looks before it acts and is harmless when
 * repeated; those that a kind has no use for stay as they are here.
 */
public interface NetworkKind {
    /** The kind's id as in profiles and the API: {@code nat}, {@code routed}, {@code bridge}... */
    String id();

    /** What people read where they choose. */
    Traits traits();

    /** The settings an admin fills in. */
    List<KindField> fields();

    /** Problems of the settings by field name, each a sentence that says what to do; empty when all is well. */
    Map<String, String> validate(Map<String, String> config);

    /** Addresses Berth may hand out under these settings, in order, or empty where the kind manages none. */
    List<String> addresses(Map<String, String> config);

    /** What keeps this host from offering the network, each a sentence that says what to do; empty when all is well. */
    default List<String> check(NetworkSpec network, LibvirtHost host) {
        return List.of();
    }

    /** Makes and starts what the kind needs on the host. */
    default void ensure(NetworkSpec network, LibvirtHost host) {}

    /** Takes away what {@link #ensure} made. */
    default void remove(NetworkSpec network, LibvirtHost host) {}

    /** Makes the network know the card. */
    default void bind(NicSpec nic, LibvirtHost host) {}

    /** Makes the network forget the card and any lease it holds. */
    default void unbind(NicSpec nic, LibvirtHost host) {}

    /** The card's address as the network has seen it in use. */
    default Optional<String> seenAddress(NicSpec nic, LibvirtHost host) {
        return Optional.empty();
    }

    /** The card as a domain's XML has it, an {@code <interface>} element. */
    String render(NicSpec nic);
}
