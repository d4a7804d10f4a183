package dev.berth.machines;

import java.util.UUID;

/** Where machines ask for work. The job joins the caller's transaction: it exists if and only if that commits. */
public interface MachineQueue {
    /** Brings this machine to what is wanted, soon. Harmless when that is under way already. */
    void enqueue(UUID machineId, String hostName);

    /** Does what is wanted of this disk that is kept by itself, soon. Harmless when that is under way already. */
    void enqueueDisk(UUID diskId, String hostName);

    /** Makes sure that there is a job for this disk, without hurrying one that waits for its next try. */
    void ensureDiskQueued(UUID diskId, String hostName);

    /** Removes this stray from its host, soon. Harmless when that is under way already. */
    void enqueueStray(UUID strayId, String hostName);

    /** Makes sure that there is a job for this stray, without hurrying one that waits for its next try. */
    void ensureStrayQueued(UUID strayId, String hostName);

    /** Makes sure that there is a job, without hurrying one that waits for its next try. */
    void ensureQueued(UUID machineId, String hostName);
}
