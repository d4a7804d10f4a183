package dev.berth.hypervisor;

import dev.berth.hypervisor.disk.DeviceLook;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * One libvirt host. Each verb brings about what it names and is harmless when that is so already; each fails with
 * {@link HypervisorException}. Calls block for as long as libvirt takes, within the connection's timeout.
 */
public interface Hypervisor {
    String host();

    HostFacts facts();

    /** Whether this host can offer the network. */
    HostCheck checkNetwork(NetworkSpec network);

    /** Defines and starts the profile's network on the host where the kind has one. */
    void ensureNetwork(NetworkSpec network);

    /** Takes the profile's network off the host; only for one that no machine uses. */
    void removeNetwork(NetworkSpec network);

    /** Makes the network know the card: on {@code nat} a fixed DHCP entry and a name, live and kept. */
    void ensureNic(NicSpec nic);

    /** Forgets the card and any lease it holds. */
    void removeNic(NicSpec nic);

    /**
     * Puts the card into the running domain, or brings the one that is there up to its profile's settings. Does nothing
     * for a domain that is off: its definition has the card.
     */
    void attachNic(NicSpec nic);

    /**
     * Takes the card out of the running domain, which needs the guest to let go of it.
     *
     * @return whether the domain is without it now; ask again after a while if not
     */
    boolean detachNic(NicSpec nic);

    /** The domain with this card has just started: does what libvirt itself can't do for the card. */
    void plugNic(NicSpec nic);

    /**
     * Makes these the host's forwarded ports, all at once and no others, within a table of rules of this installation's
     * own. Nothing happens when they are so already.
     */
    void applyForwards(UUID installationId, List<ForwardSpec> wanted);

    /** The card's address as the network has seen it in use, or empty as long as the guest has not asked for one. */
    Optional<String> seenAddress(NicSpec nic);

    /** Whether this host can offer the storage. */
    HostCheck checkStorage(StorageSpec storage);

    /** What this host has that disks could be put on. */
    HostStorage storage();

    /** Makes the profile's place for disks, for example a directory pool. */
    void ensureStorage(StorageSpec storage);

    /** Has the host forget the profile's place for disks; what lies there stays. */
    void removeStorage(StorageSpec storage);

    /**
     * How fast a disk is. One that is made for this alone goes with it; a whole device that was handed out for it holds
     * nothing, and goes on doing so.
     */
    DiskSpeed measureDisk(DiskSpec disk);

    /**
     * How fast a running machine's system disk is inside its guest, whose agent has to run programs for that. It takes some
     * seconds to minutes.
     *
     * @throws HypervisorException with a sentence why it can't be said
     */
    GuestSpeed measureInside(UUID machineId);

    /**
     * Puts the secret that the storage is signed in to with into the host's secret store; the one before it is forgotten.
     *
     * @param secret is not kept anywhere else
     */
    void keepSecret(StorageSpec storage, byte[] secret);

    boolean diskExists(DiskSpec disk);

    /**
     * Makes the disk, or makes it larger if it is too small. One that a running domain has is left to
     * {@link #attachDisk}, where QEMU has to do it.
     */
    void ensureDisk(DiskSpec disk, Progress progress);

    /**
     * Makes the disk as a copy of another one that no machine uses right now; what there is more of it is zero. One that
     * was only half made is made again.
     */
    void fillDisk(DiskSpec disk, DiskSpec from, Progress progress);

    /**
     * Proves that a guest sees on the disk what it saw on the other, and nothing behind it.
     *
     * @return the SHA-256 of the bytes that a guest sees on the other, as lower-case hex
     * @throws HypervisorException {@code REJECTED} if they differ
     */
    String verifyDisk(DiskSpec disk, DiskSpec from, Progress progress);

    /** Copies a disk that no machine uses right now into a new file, as a compressed qcow2 image that stands alone. */
    void packDisk(DiskSpec disk, Path to, Progress progress);

    /** Bytes that a guest sees on the disk. */
    long diskBytes(DiskSpec disk);

    /**
     * Puts the disk into the running domain, or brings the one that is there up to its size and its profile's limits.
     * Does nothing for a domain that is off: its definition has the disk.
     */
    void attachDisk(DiskSpec disk);

    /**
     * Takes the disk out of the running domain, which needs the guest to let go of it.
     *
     * @return whether the domain is without it now; ask again after a while if not
     */
    boolean detachDisk(DiskSpec disk);

    /** Deletes the disk and what it held. */
    void deleteDisk(DiskSpec disk, Progress progress);

    /**
     * Keeps these disks of a machine as they are at one point, under the snapshot's id. A running guest that has an agent
     * writes out what it holds back and keeps still meanwhile.
     *
     * @param again whether an earlier try may have ended in the middle: the guest and the machine it held are let go first
     * @return whether the guest kept still
     */
    boolean takeSnapshot(UUID machineId, UUID snapshot, List<DiskSpec> disks, boolean again);

    /** How many bytes on the host a snapshot that was just taken may come to keep from being freed. */
    long snapshotBytes(UUID snapshot, List<DiskSpec> disks);

    /** See {@link dev.berth.hypervisor.disk.DiskKind#snapshotsFilled}. */
    Map<UUID, Integer> snapshotsFilled(StorageSpec storage);

    /** Brings the disks of a machine that is off back to what the snapshot keeps; the snapshot stays. */
    void revert(UUID machineId, UUID snapshot, List<DiskSpec> disks, Progress progress);

    void deleteSnapshot(UUID machineId, UUID snapshot, List<DiskSpec> disks);

    /** Makes a disk as a copy of what a snapshot keeps of another, whose machine may run. See {@link #fillDisk}. */
    void copySnapshot(DiskSpec from, UUID snapshot, DiskSpec to, Progress progress);

    /** The devices that could be registered for the storage, of a kind that hands out devices; none for other kinds. */
    List<DeviceLook> devices(StorageSpec storage);

    /** Looks at a device of the storage. @param thorough reads samples of it, too */
    DeviceLook lookAtDevice(StorageSpec storage, String place, boolean thorough);

    /** Makes a device of the storage hold nothing. Refuses one that is in use. */
    void wipeDevice(StorageSpec storage, String place, Progress progress);

    /** Makes sure that the directory is there and may be shared, before a machine that has it starts. */
    void offerShare(ShareSpec share);

    /** The tags of the directories that the domain shares: as it runs, or else as it will start. */
    Set<String> shares(UUID machineId);

    /** Writes the machine's NoCloud seed; an existing one is replaced whole. */
    void writeSeed(SeedSpec seed);

    /** Deletes the seed, and the copy of a kernel that the machine started from. */
    void deleteSeed(UUID machineId);

    /** The domain's state, or empty if there is none with this id. */
    Optional<DomainState> state(UUID machineId);

    /** Every domain on the host that carries this installation's mark, in one bulk call. */
    List<DomainSummary> domains(UUID installationId);

    /** The machines for which a seed or a kernel lies on the host, with or without a domain. */
    Set<UUID> seeds();

    /** The volumes of the storage on the host, whole or not. */
    Set<UUID> volumes(StorageSpec storage);

    /** Defines the domain, and has what it starts from in place. */
    void define(DomainSpec domain);

    void start(UUID machineId);

    /** Asks the guest to power off (ACPI); returns at once. */
    void requestShutdown(UUID machineId);

    /** Asks the guest to reboot (ACPI); returns at once. */
    void requestReboot(UUID machineId);

    /** Like the reset button: at once, without asking the guest. */
    void reset(UUID machineId);

    /** Pulls the plug. */
    void powerOff(UUID machineId);

    /** Removes the definition of a domain that is off. Refuses one without this installation's mark. */
    void undefine(UUID machineId, UUID installationId);

    /** What the domain is made of; empty if there is none with this id. */
    Optional<DomainFigures> figures(UUID machineId);

    /**
     * Powers the domain off and removes its definition and what it started from; its disks stay. Refuses one without this
     * installation's mark.
     */
    void removeDomain(UUID machineId, UUID installationId);

    /** The volume of the storage as a disk by itself: for what no disk is known of. */
    DiskSpec volume(StorageSpec storage, UUID volume);

    /** The domains of this host, whosever they are, that have the disk, by name. */
    List<String> users(DiskSpec disk);

    /** The UNIX socket on which the running domain's VNC server listens. */
    Path vncSocket(UUID machineId);
}
