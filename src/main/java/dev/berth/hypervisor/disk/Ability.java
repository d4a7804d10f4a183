package dev.berth.hypervisor.disk;

/** What not every kind of disk can do. */
public enum Ability {
    /** A machine can start from it; and so it can be filled with the bytes of another disk ({@link DiskKind#fill}). */
    SYSTEM_DISK,
    /** It may be no more than the difference to the image that it started from, and be cut off it. */
    OVERLAY,
    /** It can be made larger. */
    GROW,
    /**
     * Its bytes are made larger beneath a machine that has them open, and then QEMU looks again. Of a disk without this,
     * QEMU itself makes it larger while it has it open.
     */
    GROWS_BENEATH,
    /** It can keep states of itself and go back to them. */
    SNAPSHOTS,
    /** A whole device is handed out for each disk, one of those that an admin has registered. */
    WHOLE_DEVICE,
    /** A host signs in to it with a secret that an admin gives once; it is kept by the host alone. */
    SIGNED_IN,
    /** It is no disk but a directory that machines share; see {@link ShareKind}. */
    SHARED_FILES
}
