package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.BlockSource;
import dev.berth.hypervisor.DiskSpec;
import dev.berth.hypervisor.HostCheck;
import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.LibvirtHost;
import dev.berth.hypervisor.Progress;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.hypervisor.Traits;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * One of KVM's kinds of disk: what it is good for, what it needs, and how libvirt is told about it.
 *
 * <p>Another kind is one class here, a CDI singleton, and one file in {@code templates/libvirt/disk/}. A kind has no
 * state. Each verb looks before it acts and is harmless when repeated. What holds a disk is named for
 * {@link DiskSpec#volume}, so that it can always be found and never be taken for another's.
 */
public interface DiskKind {
    /** The kind's id as in profiles and the API: {@code qcow2}, {@code raw}, {@code lvm}... */
    String id();

    /** What people read where they choose. */
    Traits traits();

    /** The same in terms that a program can compare: what the kind does for whom. */
    DiskFit fit();

    /** What it can do that others can't. */
    Set<Ability> abilities();

    /** The settings an admin fills in. */
    List<KindField> fields();

    /** Problems of the settings by field name, each a sentence that says what to do; empty when all is well. */
    Map<String, String> validate(Map<String, String> config);

    /** The directory of the hosts that a profile with these valid settings needs for itself, for kinds that have one. */
    default Optional<Path> directory(Map<String, String> config) {
        return Optional.empty();
    }

    /** Whether this host can offer the storage. Facts carry its {@link StorageSpace} where the kind has a place of its own. */
    default HostCheck check(StorageSpec storage, LibvirtHost host) {
        return HostCheck.GOOD;
    }

    /** Makes the profile's place for disks. */
    default void ensureStorage(StorageSpec storage, LibvirtHost host) {}

    /** Forgets the profile's place for disks; what lies there stays. */
    default void removeStorage(StorageSpec storage, LibvirtHost host) {}

    /** For kinds that are {@link Ability#SIGNED_IN} to: puts the secret into the host's store, and nowhere else. */
    default void keepSecret(StorageSpec storage, byte[] secret, LibvirtHost host) {
        throw new HypervisorException(
                HypervisorException.Reason.REJECTED, "This kind of storage is not signed in to: it has no secret.");
    }

    /** Whether the disk is there and whole. */
    boolean exists(DiskSpec disk, LibvirtHost host);

    /**
     * Makes the disk, or makes it larger if it is too small. One that was only half made, by a worker that died, is made
     * again.
     */
    void ensure(DiskSpec disk, LibvirtHost host, Progress progress);

    /**
     * Makes the disk as a copy of these bytes instead of an image: what a guest saw there it sees here, with zeros behind
     * it up to the disk's own size. For a disk that nothing uses yet. One that was only half made is made again; a whole
     * one, where that can be told, is left as it is.
     *
     * @throws HypervisorException {@code REJECTED} if the disk is too small, or the kind can't do it
     */
    default void fill(DiskSpec disk, BlockSource from, LibvirtHost host, Progress progress) {
        throw new HypervisorException(
                HypervisorException.Reason.REJECTED,
                "Disks can't be moved to storage of this kind. Choose another storage profile.");
    }

    /** Deletes the disk and what it held, its snapshots with it. */
    void delete(DiskSpec disk, LibvirtHost host, Progress progress);

    /** The volumes of this profile on the host, whole or not. */
    Set<UUID> volumes(StorageSpec storage, LibvirtHost host);

    /** Where the volume lies, for kinds that hand out devices; empty for others. */
    default String place(UUID volume, LibvirtHost host) {
        return "";
    }

    /** How QEMU's tools on the host reach the bytes that the guest sees. */
    BlockSource source(DiskSpec disk, LibvirtHost host);

    /**
     * Whether QEMU keeps this kind's snapshots inside what it has open. Then those of a running machine are QEMU's to take
     * and delete; the verbs below are for a machine that is off. Else they are called while it runs, too: to take one, it
     * is held.
     */
    default boolean snapshotsInQemu() {
        return false;
    }

    /** What a snapshot costs, for people who are about to take one. */
    default String snapshotPrice() {
        return "";
    }

    /** The snapshots that the disk keeps, whole or not. Its machine may run. */
    default Set<UUID> snapshots(DiskSpec disk, LibvirtHost host) {
        return Set.of();
    }

    /** Keeps the disk as it is now under the snapshot's id, which it does not have yet. */
    default void takeSnapshot(DiskSpec disk, UUID snapshot, LibvirtHost host) {
        throw noSnapshots();
    }

    /** Brings the disk back to what the snapshot keeps; the snapshot stays. The machine is off. */
    default void revert(DiskSpec disk, UUID snapshot, LibvirtHost host, Progress progress) {
        throw noSnapshots();
    }

    /** Forgets the snapshot, if the disk has it. */
    default void deleteSnapshot(DiskSpec disk, UUID snapshot, LibvirtHost host) {
        throw noSnapshots();
    }

    /** How many bytes on the host a snapshot that was just taken may come to keep from being freed. */
    default long snapshotBytes(DiskSpec disk, UUID snapshot, LibvirtHost host) {
        return disk.bytes();
    }

    /**
     * How full the snapshots of this profile are on the host, in percent, by their ids: 100 for those that were too full and
     * keep nothing any more. Empty for kinds whose snapshots can't fill up.
     */
    default Map<UUID, Integer> snapshotsFilled(StorageSpec storage, LibvirtHost host) {
        return Map.of();
    }

    /** How QEMU's tools on the host reach what the snapshot keeps, to be read only. The machine may run. */
    default BlockSource snapshotSource(DiskSpec disk, UUID snapshot, LibvirtHost host) {
        throw noSnapshots();
    }

    private HypervisorException noSnapshots() {
        return new HypervisorException(
                HypervisorException.Reason.REJECTED,
                "Disks of the kind " + id() + " can't have snapshots. Choose storage that can.");
    }

    /** The disk as a domain's XML has it, a {@code <disk>} element. */
    String render(DiskSpec disk);
}
