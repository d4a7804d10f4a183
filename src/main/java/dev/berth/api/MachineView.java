package dev.berth.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.berth.machines.LeaseState;
import dev.berth.machines.Machine;
import dev.berth.machines.MachineState;
import dev.berth.machines.Operation;
import dev.berth.machines.Seen;
import dev.berth.machines.Wanted;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A machine as the API shows it. */
@Schema(name = "Machine")
public record MachineView(
        UUID id,
        String name,
        String tenant,
        String owner,
        MachineState state,
        @Schema(description = "What is wanted; a worker brings it about.") Wanted wanted,
        @Schema(description = "What was last seen on the host.") Seen seen,
        @Schema(nullable = true) Instant seenAt,
        @Schema(description = "What is or was last being done.") Operation operation,
        @Schema(description = "The IPv4 address seen in use.", nullable = true, examples = "10.77.0.12") String address,
        String host,
        String template,
        int revision,
        String size,
        int vcpus,
        long memoryMib,
        long diskGib,
        @Schema(
                        description = "The size that it runs with until its next start; null where it has its own.",
                        nullable = true)
                Machine.Former former,
        @Schema(description = "`GRACE`: it has ended, and the machine can still be kept.") LeaseState leaseState,
        @Schema(description = "When it stops; null for no end.", nullable = true) Instant leaseUntil,
        @Schema(description = "When it is deleted unless it is kept, once its lease has ended.", nullable = true)
                Instant leaseDeleteAt,
        @Schema(description = "A stable word for what failed; empty when nothing did.") String failureCode,
        @Schema(description = "What failed and what to do; empty when nothing did.") String failure,
        @Schema(description = "What it suffers from now, such as lost storage; empty for nothing.") String trouble,
        Instant createdAt,
        @Schema(nullable = true) Instant goneAt,
        @Schema(description = "Only where one machine is shown.", nullable = true)
                @JsonInclude(JsonInclude.Include.NON_NULL)
                List<NicView> nics,
        @Schema(description = "Only where one machine is shown.", nullable = true)
                @JsonInclude(JsonInclude.Include.NON_NULL)
                List<DiskView> disks) {
    static MachineView of(Machine machine) {
        return of(machine, null, null);
    }

    static MachineView of(Machine machine, List<NicView> nics, List<DiskView> disks) {
        return new MachineView(
                machine.id(),
                machine.name(),
                machine.tenantSlug(),
                machine.ownerName(),
                machine.state(),
                machine.wanted(),
                machine.seen(),
                machine.seenAt(),
                machine.operation(),
                machine.address(),
                machine.hostName(),
                machine.templateName(),
                machine.revisionNumber(),
                machine.sizeName(),
                machine.vcpus(),
                machine.memoryMib(),
                machine.diskGib(),
                machine.former(),
                machine.lease().state(),
                machine.leaseUntil(),
                machine.lease().deleteAt(),
                machine.failureCode(),
                machine.failure(),
                machine.trouble(),
                machine.createdAt(),
                machine.goneAt(),
                nics,
                disks);
    }
}
