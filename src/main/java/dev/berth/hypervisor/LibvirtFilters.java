package dev.berth.hypervisor;

import static dev.berth.hypervisor.LibvirtNative.libvirt;
import static dev.berth.hypervisor.NativeHandle.unless;

import dev.berth.hypervisor.LibvirtLink.Patience;
import java.util.Optional;

/** libvirt's network filters on one host, which keep a card to the addresses that it was given. */
public final class LibvirtFilters {
    private final LibvirtLink link;

    LibvirtFilters(LibvirtLink link) {
        this.link = link;
    }

    public Optional<LibvirtXml> find(String name) {
        return link.call(
                "look at a network filter",
                Patience.QUICK,
                connection -> unless(LibvirtFailure.NO_NWFILTER, () -> {
                    try (NativeHandle filter =
                            NativeHandle.filter(libvirt().virNWFilterLookupByName(connection, name))) {
                        return LibvirtXml.parse(
                                NativeHandle.text(libvirt().virNWFilterGetXMLDesc(filter.pointer(), 0)));
                    }
                }));
    }

    /** Defines the filter; one of the same name and UUID takes the new rules, also where it is in use. */
    public void define(String xml) {
        link.call("define a network filter", Patience.LONG, connection -> {
            NativeHandle.filter(libvirt().virNWFilterDefineXML(connection, xml)).close();
            return null;
        });
    }
}
