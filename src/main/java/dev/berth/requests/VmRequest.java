package dev.berth.requests;

import dev.berth.tenancy.Resource;
import java.time.Instant;
import java.util.UUID;

/**
 * A request for a machine.
 *
 * @param machineId the machine it becomes when approved
 * @param whyApproval why it did not pass by itself, empty when it did
 * @param snapshotId the snapshot that it shall be a clone of, or null
 * @param decidedBy a person's user name, {@code policy} when it passed by itself, or null
 */
public record VmRequest(
        UUID id,
        UUID tenantId,
        String tenantSlug,
        UUID requesterId,
        String requesterName,
        UUID machineId,
        String templateName,
        int revisionNumber,
        String sizeName,
        int vcpus,
        long memoryMib,
        long diskGib,
        String networkSlug,
        String storageSlug,
        String name,
        String userData,
        int sshKeyCount,
        int leaseHours,
        String reason,
        RequestState state,
        String whyApproval,
        String decidedBy,
        Instant decidedAt,
        String decisionReason,
        Instant createdAt,
        UUID snapshotId) {
    public boolean open() {
        return state == RequestState.PENDING;
    }

    /** What it takes of one resource. */
    public long amount(Resource resource) {
        return switch (resource) {
            case MACHINES -> 1;
            case VCPUS -> vcpus;
            case MEMORY_MIB -> memoryMib;
            case DISK_GIB -> diskGib;
            case FORWARDS, SNAPSHOTS -> 0;
        };
    }

    public String memory() {
        return memoryMib % 1024 == 0 ? memoryMib / 1024 + " GiB" : memoryMib + " MiB";
    }

    /** {@code 3 days}, {@code 12 hours}. */
    public String lease() {
        return leaseHours % 24 == 0 && leaseHours > 0
                ? leaseHours / 24 + (leaseHours == 24 ? " day" : " days")
                : leaseHours + (leaseHours == 1 ? " hour" : " hours");
    }
}
