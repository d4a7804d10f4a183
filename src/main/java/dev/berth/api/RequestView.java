package dev.berth.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.berth.requests.Deciders;
import dev.berth.requests.Request;
import dev.berth.requests.RequestState;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A request as the API shows it. */
@Schema(name = "Request")
public record RequestView(
        UUID id,
        @Schema(description = "What is asked for.") Request.Kind kind,
        String tenant,
        String requester,
        RequestState state,
        @Schema(description = "The machine it became or is about; null unless there is one.", nullable = true)
                UUID machineId,
        String name,
        @Schema(description = "What is asked for, in one line.") String summary,
        @Schema(description = "What is asked for where it is a machine.", nullable = true) MachineAskView machine,
        String reason,
        @Schema(description = "Who has to say yes.") Deciders needs,
        @Schema(description = "The owner who said yes, while an admin has yet to.", nullable = true) String endorsedBy,
        @Schema(description = "Why it did not pass by itself; empty when it did.") String whyApproval,
        @Schema(description = "A user name, or `policy` when it passed by itself.", nullable = true) String decidedBy,
        @Schema(nullable = true) Instant decidedAt,
        String decisionReason,
        @Schema(description = "What an offer makes of the ask.") List<Request.Change> changes,
        @Schema(description = "Whether it waits for the requester's answer to a question.") boolean askedBack,
        @Schema(description = "Who shall look at it.", nullable = true) String assignee,
        Instant createdAt) {
    /** The machine that is asked for. */
    @Schema(name = "MachineAsk")
    public record MachineAskView(
            String template,
            int revision,
            String size,
            int vcpus,
            long memoryMib,
            long diskGib,
            String network,
            @Schema(description = "Empty for a machine without a disk.") String storage,
            @Schema(description = "How many SSH keys came with it.") int sshKeys,
            @Schema(description = "Only where one request is shown.", nullable = true)
                    @JsonInclude(JsonInclude.Include.NON_NULL)
                    String userData,
            int leaseHours,
            @Schema(description = "The snapshot that it shall be a clone of; null for a new machine.", nullable = true)
                    UUID snapshotId) {
        private static MachineAskView of(Request.MachineAsk ask, boolean brief) {
            return ask == null
                    ? null
                    : new MachineAskView(
                            ask.templateName(),
                            ask.revisionNumber(),
                            ask.sizeName(),
                            ask.vcpus(),
                            ask.memoryMib(),
                            ask.diskGib(),
                            ask.networkSlug(),
                            ask.storageSlug(),
                            ask.sshKeyCount(),
                            brief ? null : ask.userData(),
                            ask.leaseHours(),
                            ask.snapshotId());
        }
    }

    static RequestView of(Request request) {
        return of(request, false);
    }

    static RequestView brief(Request request) {
        return of(request, true);
    }

    private static RequestView of(Request request, boolean brief) {
        return new RequestView(
                request.id(),
                request.kind(),
                request.tenantSlug(),
                request.requesterName(),
                request.state(),
                request.kind() == Request.Kind.MACHINE && request.state() != RequestState.APPROVED
                        ? null
                        : request.machineId(),
                request.name(),
                request.summary(),
                MachineAskView.of(request.machine(), brief),
                request.reason(),
                request.needs(),
                request.endorsedBy(),
                request.whyApproval(),
                request.decidedBy(),
                request.decidedAt(),
                request.decisionReason(),
                request.changes(),
                request.askedBack(),
                request.assigneeName(),
                request.createdAt());
    }
}
