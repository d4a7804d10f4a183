package dev.berth.hypervisor;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.util.Map;

/** What libvirt can do with QEMU's domains alone, in a library of its own. Errors are as in {@link LibvirtNative}. */
interface LibvirtQemu extends Library {
    /** Loads libvirt-qemu.so on first use. */
    static LibvirtQemu libvirt() {
        return Loaded.LIBRARY;
    }

    /** See {@link #libvirt}. */
    final class Loaded {
        private static final LibvirtQemu LIBRARY =
                Native.load("virt-qemu", LibvirtQemu.class, Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));

        private Loaded() {}
    }

    int virDomainQemuMonitorCommand(Pointer domain, String command, PointerByReference result, int flags);

    /** @param seconds for the answer */
    Pointer virDomainQemuAgentCommand(Pointer domain, String command, int seconds, int flags);
}
