package dev.berth.requests;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

@Entity
@Table(name = "vm_request")
class RequestEntity {
    @Id
    UUID id;

    UUID tenantId;
    String tenantSlug;
    UUID requesterId;
    String requesterName;
    UUID machineId;
    UUID revisionId;
    String templateName;
    int revisionNumber;
    UUID sizeId;
    String sizeName;
    int vcpus;
    long memoryMib;
    long diskGib;
    UUID networkProfileId;
    String networkSlug;
    UUID storageProfileId;
    String storageSlug;
    String name;
    String sshKeys;
    String userData;
    int leaseHours;
    String reason;

    @Enumerated(EnumType.STRING)
    RequestState state;

    String whyApproval = "";
    String decidedBy;
    Instant decidedAt;
    String decisionReason = "";
    UUID formToken;

    /** The snapshot that it shall be a clone of, or null. */
    UUID snapshotId;

    Instant createdAt;

    List<String> keys() {
        return sshKeys.lines().toList();
    }

    void decide(RequestState newState, String by, Instant at, String why) {
        state = newState;
        decidedBy = by;
        decidedAt = at;
        decisionReason = why;
    }

    VmRequest toRequest() {
        return new VmRequest(
                id,
                tenantId,
                tenantSlug,
                requesterId,
                requesterName,
                machineId,
                templateName,
                revisionNumber,
                sizeName,
                vcpus,
                memoryMib,
                diskGib,
                networkSlug,
                storageSlug,
                name,
                userData,
                keys().size(),
                leaseHours,
                reason,
                state,
                whyApproval,
                decidedBy,
                decidedAt,
                decisionReason,
                createdAt,
                snapshotId);
    }
}
