package dev.berth.hypervisor;

import static dev.berth.hypervisor.LibvirtNative.libvirt;

import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads the list of struct _virDomainInterface that libvirt allocates (64 bit). */
final class GuestInterfaces {
    private static final int MAC = 8;
    private static final int ADDRESS_COUNT = 16;
    private static final int ADDRESSES = 24;

    /** struct _virDomainInterfaceIPAddress: type, address, prefix. */
    private static final int ADDRESS_SIZE = 24;

    private static final int ADDRESS_TEXT = 8;
    private static final int IPV4 = 0;

    private GuestInterfaces() {}

    /** The IPv4 addresses by MAC; frees the list. */
    static Map<String, List<String>> take(Pointer list, int count) {
        Map<String, List<String>> addresses = new HashMap<>();
        for (int index = 0; index < count; index++) {
            Pointer one = list.getPointer((long) index * Long.BYTES);
            Pointer mac = one.getPointer(MAC);
            if (mac != null) {
                addresses
                        .computeIfAbsent(mac.getString(0).toLowerCase(Locale.ROOT), key -> new ArrayList<>())
                        .addAll(ipv4(one.getPointer(ADDRESSES), one.getInt(ADDRESS_COUNT)));
            }
            libvirt().virDomainInterfaceFree(one);
        }
        if (list != null) {
            NativeHandle.free(list);
        }
        return addresses;
    }

    private static List<String> ipv4(Pointer addresses, int count) {
        List<String> found = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            Pointer address = addresses.share((long) index * ADDRESS_SIZE);
            if (address.getInt(0) == IPV4) {
                found.add(address.getPointer(ADDRESS_TEXT).getString(0));
            }
        }
        return found;
    }
}
