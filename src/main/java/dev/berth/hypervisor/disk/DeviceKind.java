package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.StorageSpec;
import java.util.List;

/**
 * A kind that hands out a whole device for each disk ({@link Ability#WHOLE_DEVICE}): one that an admin has registered,
 * that nothing uses and that holds nothing. Which one, {@link dev.berth.hypervisor.DiskSpec#place} says.
 */
public interface DeviceKind extends DiskKind {
    /**
     * What the host has that could be registered, whether it is in use or not; for kinds whose devices are not the host's
     * own block devices.
     */
    default List<DeviceLook> devices(StorageSpec storage, LibvirtHost host) {
        return List.of();
    }

    /** Problem of a place that an admin writes, a sentence; empty when it may be one. */
    String problem(String place);

    /**
     * Looks at a device without changing it.
     *
     * @param thorough reads samples of it, too, to find data of kinds that nobody knows
     */
    DeviceLook look(StorageSpec storage, String place, boolean thorough, LibvirtHost host);

    /**
     * Makes a device hold nothing, and proves it. Refuses one that is in use.
     *
     * @throws dev.berth.hypervisor.HypervisorException also when something is left on it
     */
    void wipe(StorageSpec storage, String place, LibvirtHost host, Progress progress);
}
