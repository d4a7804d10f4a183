package dev.berth.hypervisor.network;

import dev.berth.hypervisor.GuestAddress;
import dev.berth.hypervisor.HostCheck;
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
 * repeated; those that a kind has no use for stay as they are here. Settings that several kinds share are records of
 * their own ({@link Bandwidth}, {@link MacRange}, {@link OuterRange}) that a kind's fields and checks take in.
 */
public interface NetworkKind {
    /** The setting with the range of {@link #ownNet}. */
    String CIDR = "cidr";

    /** The kind's id as in profiles and the API: {@code nat}, {@code routed}, {@code bridge}... */
    String id();

    /** What people read where they choose. */
    Traits traits();

    /** The same in terms that a program can compare: what the kind does for whom. */
    Fit fit();

    /** The settings an admin fills in. */
    List<KindField> fields();

    /** Problems of the settings by field name, each a sentence that says what to do; empty when all is well. */
    Map<String, String> validate(Map<String, String> config);

    /** Addresses Berth may hand out under these settings, in order, or empty where it manages none. */
    List<String> addresses(Map<String, String> config);

    /** The range of the network that the kind makes on each host by itself; empty where it joins one that is there. */
    default Optional<Ipv4Net> ownNet(Map<String, String> config) {
        return Optional.empty();
    }

    /** The MAC addresses that cards get, or empty for any of QEMU's own range. */
    default Optional<MacRange> macs(Map<String, String> config) {
        return Optional.empty();
    }

    /** How many cards one host can have on it. */
    default int cardsPerHost(Map<String, String> config) {
        return Integer.MAX_VALUE;
    }

    /** The host's ports that tenants may open for their machines, or empty where machines are reached without. */
    default Optional<PortRange> forwardPorts(Map<String, String> config) {
        return Optional.empty();
    }

    /** The name or address that people reach forwarded ports by, or empty for the host's own name. */
    default String forwardAddress(Map<String, String> config) {
        return "";
    }

    /** Whether machines can start from the network: a boot server is there. */
    default boolean boots(Map<String, String> config) {
        return false;
    }

    /** How the guest is told to get the card's address. */
    default GuestAddress guestAddress(NicSpec nic) {
        return GuestAddress.DHCP;
    }

    /** Whether this host can offer the network. */
    default HostCheck check(NetworkSpec network, LibvirtHost host) {
        return HostCheck.GOOD;
    }

    /** Makes and starts what the kind needs on the host. */
    default void ensure(NetworkSpec network, LibvirtHost host) {}

    /** Takes away what {@link #ensure} made. */
    default void remove(NetworkSpec network, LibvirtHost host) {}

    /** Makes the network know the card. */
    default void bind(NicSpec nic, LibvirtHost host) {}

    /** Makes the network forget the card and any lease it holds. */
    default void unbind(NicSpec nic, LibvirtHost host) {}

    /** The card is in a running domain now: does what libvirt itself can't do for it. */
    default void plug(NicSpec nic, LibvirtHost host) {}

    /** The card's address as somebody has seen it in use; the guest's agent is asked, and the host's own ARP table. */
    default Optional<String> seenAddress(NicSpec nic, LibvirtHost host) {
        return host.cards().address(nic.machineId(), nic.mac());
    }

    /** The card as a domain's XML has it, an {@code <interface>} element. */
    String render(NicSpec nic);
}
