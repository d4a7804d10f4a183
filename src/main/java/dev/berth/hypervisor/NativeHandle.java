package dev.berth.hypervisor;

import static dev.berth.hypervisor.LibvirtNative.libvirt;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.Optional;
import java.util.function.Consumer;

/** One of libvirt's objects, given back when closed. */
record NativeHandle(Pointer pointer, Consumer<Pointer> release) implements AutoCloseable {

    static NativeHandle domain(Pointer found) throws LibvirtFailure {
        return new NativeHandle(check(found), libvirt()::virDomainFree);
    }

    static NativeHandle network(Pointer found) throws LibvirtFailure {
        return new NativeHandle(check(found), libvirt()::virNetworkFree);
    }

    static NativeHandle filter(Pointer found) throws LibvirtFailure {
        return new NativeHandle(check(found), libvirt()::virNWFilterFree);
    }

    static NativeHandle pool(Pointer found) throws LibvirtFailure {
        return new NativeHandle(check(found), libvirt()::virStoragePoolFree);
    }

    static NativeHandle volume(Pointer found) throws LibvirtFailure {
        return new NativeHandle(check(found), libvirt()::virStorageVolFree);
    }

    static NativeHandle secret(Pointer found) throws LibvirtFailure {
        return new NativeHandle(check(found), libvirt()::virSecretFree);
    }

    /** A call whose answer may be "there is no such thing". */
    interface Lookup<T> {
        T find() throws LibvirtFailure;
    }

    /** The lookup's result, or empty if libvirt answers with this code. */
    static <T> Optional<T> unless(int absent, Lookup<T> lookup) throws LibvirtFailure {
        try {
            return Optional.of(lookup.find());
        } catch (LibvirtFailure failure) {
            if (failure.is(absent)) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    static Pointer check(Pointer result) throws LibvirtFailure {
        if (result == null) {
            throw LibvirtFailure.last();
        }
        return result;
    }

    static int check(int result) throws LibvirtFailure {
        if (result < 0) {
            throw LibvirtFailure.last();
        }
        return result;
    }

    /** A text that libvirt allocated, which is freed. */
    static String text(Pointer allocated) throws LibvirtFailure {
        Pointer checked = check(allocated);
        try {
            return checked.getString(0, "UTF-8");
        } finally {
            free(checked);
        }
    }

    /** Frees memory that libvirt allocated for its caller. */
    static void free(Pointer allocated) {
        Native.free(Pointer.nativeValue(allocated));
    }

    @Override
    public void close() {
        release.accept(pointer);
    }
}
