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

/** libvirt's storage pools and their volumes on one host, by name, for the disk kinds. */
public final class LibvirtPools {
    private final LibvirtLink link;

    LibvirtPools(LibvirtLink link) {
        this.link = link;
    }

    /** Something done with one pool or volume. */
    private interface Deed<T> {
        T with(Pointer object) throws LibvirtFailure;
    }

    /** The kept description of a pool. */
    public Optional<LibvirtXml> find(String pool) {
        return onPool("look at its storage", Patience.QUICK, pool, LibvirtPools::description);
    }

    /** The kept descriptions of all pools on the host. */
    public List<LibvirtXml> all() {
        return link.call("list its storage", Patience.QUICK, connection -> {
            PointerByReference found = new PointerByReference();
            int count = check(libvirt().virConnectListAllStoragePools(connection, found, 0));
            List<LibvirtXml> descriptions = new ArrayList<>(count);
            for (int index = 0; index < count; index++) {
                try (NativeHandle pool = NativeHandle.pool(found.getValue().getPointer((long) index * Long.BYTES))) {
                    unless(LibvirtFailure.NO_POOL, () -> description(pool.pointer()))
                            .ifPresent(descriptions::add);
                }
            }
            NativeHandle.free(found.getValue());
            return descriptions;
        });
    }

    private static LibvirtXml description(Pointer pool) throws LibvirtFailure {
        return LibvirtXml.parse(
                NativeHandle.text(libvirt().virStoragePoolGetXMLDesc(pool, LibvirtNative.XML_INACTIVE)));
    }

    /** Defines a pool and makes what it stands on, for example its directory. */
    public void define(String xml) {
        link.call("set up its storage", Patience.LONG, connection -> {
            try (NativeHandle pool = NativeHandle.pool(libvirt().virStoragePoolDefineXML(connection, xml, 0))) {
                return check(libvirt().virStoragePoolBuild(pool.pointer(), 0));
            }
        });
    }

    /** Starts it if it is not up, and has the host start it at boot. */
    public void start(String pool) {
        onPool("start its storage", Patience.LONG, pool, found -> {
            if (check(libvirt().virStoragePoolIsActive(found)) == 0 && libvirt().virStoragePoolCreate(found, 0) < 0) {
                LibvirtFailure failure = LibvirtFailure.last();
                if (check(libvirt().virStoragePoolIsActive(found)) == 0) {
                    throw failure;
                }
            }
            return check(libvirt().virStoragePoolSetAutostart(found, 1));
        });
    }

    public boolean isActive(String pool) {
        return onPool(
                        "look at its storage",
                        Patience.QUICK,
                        pool,
                        found -> check(libvirt().virStoragePoolIsActive(found)))
                .map(active -> active == 1)
                .orElse(false);
    }

    /** Looks again at what lies in the pool. */
    public void refresh(String pool) {
        onPool(
                "look through its storage",
                Patience.LONG,
                pool,
                found -> check(libvirt().virStoragePoolRefresh(found, 0)));
    }

    /** Stops and forgets the pool; what lies in it stays. */
    public void remove(String pool) {
        onPool("remove its storage", Patience.LONG, pool, found -> {
            if (check(libvirt().virStoragePoolIsActive(found)) == 1) {
                check(libvirt().virStoragePoolDestroy(found));
            }
            return check(libvirt().virStoragePoolUndefine(found));
        });
    }

    /** The names of a pool's volumes; none if there is no such pool or it is down. */
    public List<String> volumeNames(String pool) {
        return onPool("list its disks", Patience.LONG, pool, found -> {
                    if (check(libvirt().virStoragePoolIsActive(found)) == 0) {
                        return List.<String>of();
                    }
                    PointerByReference listed = new PointerByReference();
                    int count = check(libvirt().virStoragePoolListAllVolumes(found, listed, 0));
                    List<String> names = new ArrayList<>(count);
                    for (int index = 0; index < count; index++) {
                        Pointer volume = listed.getValue().getPointer((long) index * Long.BYTES);
                        names.add(libvirt().virStorageVolGetName(volume));
                        libvirt().virStorageVolFree(volume);
                    }
                    NativeHandle.free(listed.getValue());
                    return names;
                })
                .orElse(List.of());
    }

    public Optional<LibvirtXml> volume(String pool, String volume) {
        return onVolume(
                "look at a disk",
                Patience.QUICK,
                pool,
                volume,
                found -> LibvirtXml.parse(NativeHandle.text(libvirt().virStorageVolGetXMLDesc(found, 0))));
    }

    /** @throws HypervisorException {@code MISSING} if there is no such pool */
    public void createVolume(String pool, String xml) {
        link.call("make the disk", Patience.LONG, connection -> {
            try (NativeHandle found = NativeHandle.pool(libvirt().virStoragePoolLookupByName(connection, pool))) {
                NativeHandle.volume(libvirt().virStorageVolCreateXML(found.pointer(), xml, 0))
                        .close();
                return null;
            }
        });
    }

    /** Makes a volume larger. */
    public void growVolume(String pool, String volume, long bytes) {
        onVolume(
                "grow the disk",
                Patience.LONG,
                pool,
                volume,
                found -> check(libvirt().virStorageVolResize(found, bytes, 0)));
    }

    public void deleteVolume(String pool, String volume) {
        onVolume(
                "delete the disk",
                Patience.LONG,
                pool,
                volume,
                found -> check(libvirt().virStorageVolDelete(found, 0)));
    }

    private <T> Optional<T> onPool(String task, Patience patience, String pool, Deed<T> deed) {
        return link.call(
                task,
                patience,
                connection -> unless(LibvirtFailure.NO_POOL, () -> {
                    try (NativeHandle found =
                            NativeHandle.pool(libvirt().virStoragePoolLookupByName(connection, pool))) {
                        return deed.with(found.pointer());
                    }
                }));
    }

    private <T> Optional<T> onVolume(String task, Patience patience, String pool, String volume, Deed<T> deed) {
        return onPool(
                        task,
                        patience,
                        pool,
                        foundPool -> unless(LibvirtFailure.NO_VOLUME, () -> {
                            try (NativeHandle found =
                                    NativeHandle.volume(libvirt().virStorageVolLookupByName(foundPool, volume))) {
                                return deed.with(found.pointer());
                            }
                        }))
                .flatMap(found -> found);
    }
}
