package dev.berth.hypervisor;

import com.sun.jna.Callback;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.util.Map;

/**
 * libvirt's C functions as Berth calls them, named as in its reference. Opening connections and the event loop are
 * left to libvirt-java. For the rest it lacks functions that are needed, keeps its pointers to itself, frees what it
 * made in finalizers and lets callbacks be collected that libvirt still calls, so that one plain binding with one kind
 * of error serves better.
 */
interface LibvirtNative extends Library {
    int UPDATE_DELETE = 2;
    int UPDATE_ADD_LAST = 3;
    int SECTION_IP_DHCP_HOST = 4;
    int UPDATE_LIVE = 1;
    int UPDATE_CONFIG = 2;
    int STATS_STATE = 1;
    int METADATA_ELEMENT = 2;
    int AFFECT_LIVE = 1;
    int AFFECT_CONFIG = 2;
    int XML_INACTIVE = 1;
    int BLOCK_RESIZE_BYTES = 1;

    /** Managed save image, snapshot metadata, NVRAM and checkpoint metadata go along. */
    int UNDEFINE_ALL = 1 | 2 | 4 | 16;

    /** Loads libvirt.so on first use, so that a process which serves no host never loads it. */
    static LibvirtNative libvirt() {
        return Loaded.LIBRARY;
    }

    /** See {@link #libvirt}. */
    final class Loaded {
        private static final LibvirtNative LIBRARY =
                Native.load("virt", LibvirtNative.class, Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));

        private Loaded() {}
    }

    Pointer virConnectGetCapabilities(Pointer connection);

    void virSetErrorFunc(Pointer data, Callback function);

    int virConnectDomainEventRegisterAny(
            Pointer connection, Pointer domain, int event, Callback function, Pointer opaque, Callback free);

    int virConnectDomainEventDeregisterAny(Pointer connection, int registration);

    int virConnectRegisterCloseCallback(Pointer connection, Callback function, Pointer opaque, Callback free);

    int virConnectUnregisterCloseCallback(Pointer connection, Callback function);

    int virGetLastErrorCode();

    int virGetLastErrorDomain();

    String virGetLastErrorMessage();

    void virResetLastError();

    Pointer virDomainLookupByUUIDString(Pointer connection, String uuid);

    Pointer virDomainLookupByName(Pointer connection, String name);

    Pointer virDomainDefineXMLFlags(Pointer connection, String xml, int flags);

    int virDomainCreateWithFlags(Pointer domain, int flags);

    int virDomainSuspend(Pointer domain);

    int virDomainResume(Pointer domain);

    int virDomainFSFreeze(Pointer domain, Pointer mountPoints, int count, int flags);

    int virDomainFSThaw(Pointer domain, Pointer mountPoints, int count, int flags);

    int virDomainShutdownFlags(Pointer domain, int flags);

    int virDomainReboot(Pointer domain, int flags);

    int virDomainReset(Pointer domain, int flags);

    int virDomainDestroyFlags(Pointer domain, int flags);

    int virDomainUndefineFlags(Pointer domain, int flags);

    int virDomainGetState(Pointer domain, IntByReference state, IntByReference reason, int flags);

    Pointer virDomainGetMetadata(Pointer domain, int type, String uri, int flags);

    String virDomainGetName(Pointer domain);

    int virDomainGetUUIDString(Pointer domain, byte[] uuid);

    Pointer virDomainGetXMLDesc(Pointer domain, int flags);

    int virDomainAttachDeviceFlags(Pointer domain, String xml, int flags);

    int virDomainDetachDeviceFlags(Pointer domain, String xml, int flags);

    int virDomainUpdateDeviceFlags(Pointer domain, String xml, int flags);

    int virDomainBlockResize(Pointer domain, String disk, long size, int flags);

    int virDomainGetBlockInfo(Pointer domain, String disk, Pointer info, int flags);

    int virDomainSetBlockIoTune(Pointer domain, String disk, Pointer parameters, int count, int flags);

    int virDomainAgentSetResponseTimeout(Pointer domain, int seconds, int flags);

    int virDomainInterfaceAddresses(Pointer domain, PointerByReference interfaces, int source, int flags);

    void virDomainInterfaceFree(Pointer networkInterface);

    int virDomainFree(Pointer domain);

    int virConnectGetAllDomainStats(Pointer connection, int stats, PointerByReference records, int flags);

    void virDomainStatsRecordListFree(Pointer records);

    int virConnectListAllNetworks(Pointer connection, PointerByReference networks, int flags);

    Pointer virNetworkLookupByName(Pointer connection, String name);

    Pointer virNetworkLookupByUUIDString(Pointer connection, String uuid);

    Pointer virNetworkDefineXML(Pointer connection, String xml);

    int virNetworkCreate(Pointer network);

    int virNetworkDestroy(Pointer network);

    int virNetworkUndefine(Pointer network);

    int virNetworkSetAutostart(Pointer network, int autostart);

    int virNetworkIsActive(Pointer network);

    Pointer virNetworkGetXMLDesc(Pointer network, int flags);

    int virNetworkUpdate(Pointer network, int command, int section, int parentIndex, String xml, int flags);

    int virNetworkGetDHCPLeases(Pointer network, String mac, PointerByReference leases, int flags);

    void virNetworkDHCPLeaseFree(Pointer lease);

    int virNetworkFree(Pointer network);

    Pointer virNWFilterLookupByName(Pointer connection, String name);

    Pointer virNWFilterDefineXML(Pointer connection, String xml);

    Pointer virNWFilterGetXMLDesc(Pointer filter, int flags);

    int virNWFilterFree(Pointer filter);

    int virConnectListAllStoragePools(Pointer connection, PointerByReference pools, int flags);

    Pointer virStoragePoolLookupByName(Pointer connection, String name);

    Pointer virStoragePoolDefineXML(Pointer connection, String xml, int flags);

    int virStoragePoolBuild(Pointer pool, int flags);

    int virStoragePoolCreate(Pointer pool, int flags);

    int virStoragePoolDestroy(Pointer pool);

    int virStoragePoolUndefine(Pointer pool);

    int virStoragePoolSetAutostart(Pointer pool, int autostart);

    int virStoragePoolIsActive(Pointer pool);

    int virStoragePoolRefresh(Pointer pool, int flags);

    Pointer virStoragePoolGetXMLDesc(Pointer pool, int flags);

    int virStoragePoolListAllVolumes(Pointer pool, PointerByReference volumes, int flags);

    int virStoragePoolFree(Pointer pool);

    Pointer virStorageVolLookupByName(Pointer pool, String name);

    Pointer virStorageVolCreateXML(Pointer pool, String xml, int flags);

    int virStorageVolResize(Pointer volume, long capacity, int flags);

    int virStorageVolDelete(Pointer volume, int flags);

    Pointer virStorageVolGetXMLDesc(Pointer volume, int flags);

    String virStorageVolGetName(Pointer volume);

    int virStorageVolFree(Pointer volume);

    Pointer virSecretLookupByUUIDString(Pointer connection, String uuid);

    Pointer virSecretDefineXML(Pointer connection, String xml, int flags);

    int virSecretSetValue(Pointer secret, byte[] value, long size, int flags);

    Pointer virSecretGetValue(Pointer secret, LongByReference size, int flags);

    int virSecretUndefine(Pointer secret);

    int virSecretFree(Pointer secret);
}
