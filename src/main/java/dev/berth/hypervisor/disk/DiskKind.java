package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.hypervisor.Traits;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * One of KVM's kinds of disk: what it is good for, what it needs, and how libvirt is told about it.
 *
 * <p>Another kind is one class here, a CDI singleton, and one file in {@code templates/libvirt/disk/}. A kind has no
 * state. Each verb looks before it acts and is harmless when repeated.
 */
public interface DiskKind {
    /** The kind's id as in profiles and the API: {@code qcow2}, {@code raw}, {@code lvm}... */
    String id();

    /** What people read where they choose. */
    Traits traits();

    /** The settings an admin fills in. */
    List<KindField> fields();

    /** Problems of the settings by field name, each a sentence that says what to do; empty when all is well. */
    Map<String, String> validate(Map<String, String> config);

    /** What keeps this host from offering the storage, each a sentence that says what to do; empty when all is well. */
    default List<String> check(StorageSpec storage, LibvirtHost host) {
        return List.of();
    }

    /** Makes the profile's place for disks. */
    default void ensureStorage(StorageSpec storage, LibvirtHost host) {}

    /** Forgets the profile's place for disks; what lies there stays. */
    default void removeStorage(StorageSpec storage, LibvirtHost host) {}

    /** Whether the disk is there and whole. */
    boolean exists(DiskSpec disk, LibvirtHost host);

    /** Makes the disk. One that was only half made, by a worker that died, is made again. */
    void ensure(DiskSpec disk, LibvirtHost host);

    /** Deletes the disk and what it held. */
    void delete(DiskSpec disk, LibvirtHost host);

    /** The machines that have a disk of this profile on the host, whole or not. */
    Set<UUID> machines(StorageSpec storage, LibvirtHost host);

    /** The disk as a domain's XML has it, a {@code <disk>} element. */
    String render(DiskSpec disk);
}
