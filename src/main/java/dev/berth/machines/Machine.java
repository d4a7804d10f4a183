package dev.berth.machines;

import java.time.Instant;
import java.util.UUID;

/**
 * A virtual machine as people and programs see it.
 *
 * @param address the IPv4 address seen in use, or null as long as none was
 * @param diskGib of its system disk, 0 for none
 * @param failure what failed and what to do, empty when nothing did
 * @param trouble what it suffers from that is no failure of its own, empty for nothing
 * @param former the size that it runs with until its next start, or null where it has its own
 */
public record Machine(
        UUID id,
        UUID tenantId,
        String tenantSlug,
        UUID ownerId,
        String ownerName,
        String name,
        String templateName,
        int revisionNumber,
        UUID revisionId,
        String sizeName,
        int vcpus,
        long memoryMib,
        long diskGib,
        String hostName,
        MachineState state,
        Operation operation,
        Wanted wanted,
        Seen seen,
        Instant seenAt,
        String address,
        String failureCode,
        String failure,
        Lease lease,
        Instant createdAt,
        Instant goneAt,
        String trouble,
        Former former) {
    /** What a machine has until it next starts, if that is not what it is to have. */
    public record Former(String sizeName, int vcpus, long memoryMib) {
        public String memory() {
            return words(memoryMib);
        }
    }

    /** When its lease ends, or null for no end. */
    public Instant leaseUntil() {
        return lease.until();
    }

    /** It has no system disk: it starts from the network, or from a kernel in memory. */
    public boolean diskless() {
        return diskGib == 0;
    }

    public boolean canStart() {
        return state == MachineState.STOPPED && !lease.grace();
    }

    public boolean canStop() {
        return state == MachineState.RUNNING || state == MachineState.PAUSED || state == MachineState.STARTING;
    }

    /** Asked once already: now it may be forced. */
    public boolean canForceStop() {
        return canStop() || state == MachineState.STOPPING;
    }

    public boolean canReboot() {
        return state == MachineState.RUNNING;
    }

    public boolean canRetry() {
        return state == MachineState.FAILED;
    }

    public boolean canDelete() {
        return wanted != Wanted.GONE;
    }

    public boolean hasConsole() {
        return goneAt == null && (seen == Seen.RUNNING || seen == Seen.PAUSED || seen == Seen.SHUTTING_DOWN);
    }

    public String memory() {
        return words(memoryMib);
    }

    private static String words(long mib) {
        return mib % 1024 == 0 ? mib / 1024 + " GiB" : mib + " MiB";
    }
}
