package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.ShareMount;
import dev.berth.hypervisor.ShareSpec;
import dev.berth.hypervisor.StorageSpec;
import java.util.Map;

/** A kind that shares a directory of the host with machines ({@link Ability#SHARED_FILES}) and has no disks. */
public interface ShareKind extends DiskKind {
    /**
     * Makes sure that the directory is there and may be shared; before each start of a machine that has it.
     *
     * @throws HypervisorException {@code REJECTED} if it must not be shared, {@code MISSING} if it is not there
     */
    void offer(ShareSpec share, LibvirtHost host);

    /** Whether two profiles with these settings, whose directories overlap, do each other no harm. */
    boolean sharesBeside(Map<String, String> one, Map<String, String> other);

    /** Whether QEMU has to share the machine's memory with the program that serves the files. */
    boolean sharesMemory(StorageSpec storage);

    ShareMount mount(StorageSpec storage);

    /** The directory as a domain's XML has it, a {@code <filesystem>} element. */
    String render(ShareSpec share);
}
