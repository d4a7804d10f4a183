package dev.berth.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.berth.requests.RequestState;
import dev.berth.requests.VmRequest;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A request as the API shows it. */
@Schema(name = "Request")
public record RequestView(
        UUID id,
        String tenant,
        String requester,
        RequestState state,
        @Schema(description = "The machine it became; null unless approved.", nullable = true) UUID machineId,
        String name,
        String template,
        int revision,
        String size,
        int vcpus,
        long memoryMib,
        long diskGib,
        String network,
        String storage,
        @Schema(description = "How many SSH keys came with it.") int sshKeys,
        @Schema(description = "Only where one request is shown.", nullable = true)
                @JsonInclude(JsonInclude.Include.NON_NULL)
                String userData,
        int leaseHours,
        String reason,
        @Schema(description = "Why it did not pass by itself; empty when it did.") String whyApproval,
        @Schema(description = "A user name, or `policy` when it passed by itself.", nullable = true) String decidedBy,
        @Schema(nullable = true) Instant decidedAt,
        String decisionReason,
        Instant createdAt,
        @Schema(description = "The snapshot that it shall be a clone of; null for a new machine.", nullable = true)
                UUID snapshotId) {
    static RequestView of(VmRequest request) {
        return of(request, request.userData());
    }

    static RequestView brief(VmRequest request) {
        return of(request, null);
    }

    private static RequestView of(VmRequest request, String userData) {
        return new RequestView(
                request.id(),
                request.tenantSlug(),
                request.requesterName(),
                request.state(),
                request.state() == RequestState.APPROVED ? request.machineId() : null,
                request.name(),
                request.templateName(),
                request.revisionNumber(),
                request.sizeName(),
                request.vcpus(),
                request.memoryMib(),
                request.diskGib(),
                request.networkSlug(),
                request.storageSlug(),
                request.sshKeyCount(),
                userData,
                request.leaseHours(),
                request.reason(),
                request.whyApproval(),
                request.decidedBy(),
                request.decidedAt(),
                request.decisionReason(),
                request.createdAt(),
                request.snapshotId());
    }
}
