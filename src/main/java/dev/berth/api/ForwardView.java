package dev.berth.api;

import dev.berth.hypervisor.ForwardSpec.Protocol;
import dev.berth.machines.Forward;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** An open port as the API shows it. */
@Schema(name = "Forward")
public record ForwardView(
        UUID id,
        @Schema(description = "What to connect to.", examples = "vms.example.org") String hostAddress,
        @Schema(examples = "20001") int hostPort,
        @Schema(description = "The machine's port.", examples = "22") int guestPort,
        Protocol protocol,
        String description,
        @Schema(description = "`OPENING` until the host lets connections in.") Forward.State state,
        @Schema(description = "For port 22.", nullable = true, examples = "ssh -p 20001 user@vms.example.org")
                String ssh,
        @Schema(description = "For ports 80, 443 and 8080.", nullable = true) String url,
        String createdBy,
        Instant createdAt) {
    static ForwardView of(Forward forward) {
        return new ForwardView(
                forward.id(),
                forward.hostAddress(),
                forward.hostPort(),
                forward.guestPort(),
                forward.protocol(),
                forward.description(),
                forward.state(),
                forward.ssh().orElse(null),
                forward.url().orElse(null),
                forward.createdBy(),
                forward.createdAt());
    }
}
