package dev.berth.hypervisor;

import static dev.berth.hypervisor.LibvirtNative.libvirt;
import static dev.berth.hypervisor.NativeHandle.check;
import static dev.berth.hypervisor.NativeHandle.unless;

import com.sun.jna.Pointer;
import com.sun.jna.ptr.LongByReference;
import dev.berth.hypervisor.LibvirtLink.Patience;
import java.util.Optional;
import java.util.UUID;

/**
 * libvirt's secret store on one host, which machines' definitions refer to by id and nobody sees the values of but
 * libvirt and this worker.
 */
public final class LibvirtSecrets {
    private final LibvirtLink link;

    LibvirtSecrets(LibvirtLink link) {
        this.link = link;
    }

    /** Keeps the value. @param xml says what it is for; the same id and use again replace the value */
    public void keep(String xml, byte[] value) {
        link.call("keep a secret", Patience.QUICK, connection -> {
            try (NativeHandle secret = NativeHandle.secret(libvirt().virSecretDefineXML(connection, xml, 0))) {
                return check(libvirt().virSecretSetValue(secret.pointer(), value, value.length, 0));
            }
        });
    }

    /** The value, for tools that sign in by themselves; empty if there is none. */
    public Optional<byte[]> value(UUID id) {
        return link.call(
                "look up a secret",
                Patience.QUICK,
                connection -> unless(LibvirtFailure.NO_SECRET, () -> {
                    try (NativeHandle secret =
                            NativeHandle.secret(libvirt().virSecretLookupByUUIDString(connection, id.toString()))) {
                        LongByReference size = new LongByReference();
                        Pointer value = check(libvirt().virSecretGetValue(secret.pointer(), size, 0));
                        byte[] copy = value.getByteArray(0, Math.toIntExact(size.getValue()));
                        value.clear(size.getValue());
                        NativeHandle.free(value);
                        return copy;
                    }
                }));
    }

    public void forget(UUID id) {
        link.call(
                "forget a secret",
                Patience.QUICK,
                connection -> unless(LibvirtFailure.NO_SECRET, () -> {
                    try (NativeHandle secret =
                            NativeHandle.secret(libvirt().virSecretLookupByUUIDString(connection, id.toString()))) {
                        return check(libvirt().virSecretUndefine(secret.pointer()));
                    }
                }));
    }
}
