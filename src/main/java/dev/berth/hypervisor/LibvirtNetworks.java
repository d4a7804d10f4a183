package dev.berth.hypervisor;

import static dev.berth.hypervisor.LibvirtNative.libvirt;
import static dev.berth.hypervisor.NativeHandle.check;
import static dev.berth.hypervisor.NativeHandle.unless;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import dev.berth.hypervisor.LibvirtLink.Patience;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** libvirt's networks on one host, for the network kinds that use them. Every verb is harmless when repeated. */
public final class LibvirtNetworks {
    /** Where a struct _virNetworkDHCPLease keeps the address (64 bit). */
    private static final int LEASE_ADDRESS = 40;

    private final LibvirtLink link;

    LibvirtNetworks(LibvirtLink link) {
        this.link = link;
    }

    /** Something done with one network. */
    private interface Deed<T> {
        T with(Pointer network) throws LibvirtFailure;
    }

    /** The kept (inactive) description of the network with this UUID. */
    public Optional<LibvirtXml> find(UUID id) {
        return onNetwork("look at a network", Patience.QUICK, id, this::description);
    }

    /** The kept description of the network with this name, whoever made it. */
    public Optional<LibvirtXml> find(String name) {
        return link.call(
                "look at a network",
                Patience.QUICK,
                connection -> unless(LibvirtFailure.NO_NETWORK, () -> {
                    try (NativeHandle network =
                            NativeHandle.network(libvirt().virNetworkLookupByName(connection, name))) {
                        return description(network.pointer());
                    }
                }));
    }

    /** The descriptions of all networks on the host. */
    public List<LibvirtXml> all() {
        return link.call("list its networks", Patience.QUICK, connection -> {
            PointerByReference found = new PointerByReference();
            int count = check(libvirt().virConnectListAllNetworks(connection, found, 0));
            Pointer[] networks = count == 0 ? new Pointer[0] : found.getValue().getPointerArray(0, count);
            List<LibvirtXml> descriptions = new ArrayList<>(count);
            try {
                for (Pointer network : networks) {
                    unless(LibvirtFailure.NO_NETWORK, () -> description(network))
                            .ifPresent(descriptions::add);
                }
                return descriptions;
            } finally {
                for (Pointer network : networks) {
                    libvirt().virNetworkFree(network);
                }
                NativeHandle.free(found.getValue());
            }
        });
    }

    private LibvirtXml description(Pointer network) throws LibvirtFailure {
        return LibvirtXml.parse(NativeHandle.text(libvirt().virNetworkGetXMLDesc(network, LibvirtNative.XML_INACTIVE)));
    }

    public void define(String xml) {
        link.call("define the network", Patience.LONG, connection -> {
            NativeHandle.network(libvirt().virNetworkDefineXML(connection, xml)).close();
            return null;
        });
    }

    /** Starts it if it is not up, and has the host start it at boot. */
    public void start(UUID id) {
        onNetwork("start the network", Patience.LONG, id, network -> {
            if (check(libvirt().virNetworkIsActive(network)) == 0 && libvirt().virNetworkCreate(network) < 0) {
                LibvirtFailure failure = LibvirtFailure.last();
                if (check(libvirt().virNetworkIsActive(network)) == 0) {
                    throw failure;
                }
            }
            return check(libvirt().virNetworkSetAutostart(network, 1));
        });
    }

    public boolean isActive(UUID id) {
        return onNetwork(
                        "look at a network",
                        Patience.QUICK,
                        id,
                        network -> check(libvirt().virNetworkIsActive(network)))
                .map(active -> active == 1)
                .orElse(false);
    }

    /** Takes it down and forgets it. */
    public void remove(UUID id) {
        onNetwork("remove the network", Patience.LONG, id, network -> {
            if (check(libvirt().virNetworkIsActive(network)) == 1 && libvirt().virNetworkDestroy(network) < 0) {
                LibvirtFailure failure = LibvirtFailure.last();
                if (check(libvirt().virNetworkIsActive(network)) == 1) {
                    throw failure;
                }
            }
            return check(libvirt().virNetworkUndefine(network));
        });
    }

    /** Adds a fixed DHCP entry, to what is kept and to what runs. */
    public void addDhcpHost(UUID id, String hostXml) {
        update("give the network card its address", id, LibvirtNative.UPDATE_ADD_LAST, hostXml);
    }

    /** Removes the fixed DHCP entry that matches. */
    public void removeDhcpHost(UUID id, String hostXml) {
        update("take the network card's address back", id, LibvirtNative.UPDATE_DELETE, hostXml);
    }

    private void update(String task, UUID id, int command, String xml) {
        onNetwork(task, Patience.LONG, id, network -> {
            int live = check(libvirt().virNetworkIsActive(network)) == 1 ? LibvirtNative.UPDATE_LIVE : 0;
            return check(libvirt()
                    .virNetworkUpdate(
                            network,
                            command,
                            LibvirtNative.SECTION_IP_DHCP_HOST,
                            0,
                            xml,
                            live | LibvirtNative.UPDATE_CONFIG));
        });
    }

    /** The addresses that the network's DHCP server has given to this card and that have not run out. */
    public List<String> leasedAddresses(UUID id, String mac) {
        return onNetwork("look up the network card's address", Patience.QUICK, id, network -> {
                    PointerByReference found = new PointerByReference();
                    int count = check(libvirt().virNetworkGetDHCPLeases(network, mac, found, 0));
                    List<String> addresses = new ArrayList<>(count);
                    for (int index = 0; index < count; index++) {
                        Pointer lease = found.getValue().getPointer((long) index * Long.BYTES);
                        addresses.add(lease.getPointer(LEASE_ADDRESS).getString(0));
                        libvirt().virNetworkDHCPLeaseFree(lease);
                    }
                    if (found.getValue() != null) {
                        NativeHandle.free(found.getValue());
                    }
                    return addresses;
                })
                .orElse(List.of());
    }

    private <T> Optional<T> onNetwork(String task, Patience patience, UUID id, Deed<T> deed) {
        return link.call(
                task,
                patience,
                connection -> unless(LibvirtFailure.NO_NETWORK, () -> {
                    try (NativeHandle network =
                            NativeHandle.network(libvirt().virNetworkLookupByUUIDString(connection, id.toString()))) {
                        return deed.with(network.pointer());
                    }
                }));
    }
}
