package dev.berth.machines;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

@Entity
@Table(name = "disk")
class DiskEntity {
    /** Where a machine's system disk is. */
    static final String SYSTEM_TARGET = "vda";

    @Id
    UUID id;

    /** Names what holds the disk on its host; another after a move. */
    UUID volume;

    /** The whole device that was handed out for it, or empty. */
    String place = "";

    UUID tenantId;
    String tenantSlug;
    UUID hostId;
    String hostName;
    String name;

    /** The machine that has it, or null for a disk that is kept by itself. */
    UUID machineId;

    /** Its device in the guest, {@code vdb} for one; null for a disk that is kept by itself. */
    String target;

    UUID storageProfileId;
    String storageSlug;
    long sizeGib;
    UUID imageId;

    /** The snapshot from which it is still to be filled, or null. */
    UUID snapshotId;

    Instant createdAt;

    /** The running domain may not have it, or not as it should be; by itself: it is still being grown. */
    boolean pending;

    /** On its way out of its machine. */
    boolean removing;

    /** To be deleted, once it is out of its machine. */
    boolean deleting;

    /** Its bytes were handed over once: a missing one is a loss. */
    boolean made;

    /** What a person should know of the disk, for now; empty for nothing. */
    String note = "";

    Disk.State state() {
        if (deleting) {
            return Disk.State.DELETING;
        }
        if (removing) {
            return Disk.State.DETACHING;
        }
        if (!pending) {
            return machineId == null ? Disk.State.DETACHED : Disk.State.ATTACHED;
        }
        if (machineId != null && !note.isEmpty()) {
            return Disk.State.AT_NEXT_START;
        }
        return made ? Disk.State.CHANGING : Disk.State.ADDING;
    }

    boolean isSystem() {
        return SYSTEM_TARGET.equals(target);
    }
}
