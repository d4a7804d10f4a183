package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.machines.Stray;
import dev.berth.machines.Strays;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.LedgerCheck;
import dev.berth.tenancy.LedgerSource;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** The ledger against the hosts: what counts and is not there, and what is there and counts for nobody. */
@Path(ApiPaths.V1)
@Tag(name = "Quotas")
public class LedgerResource {
    /** What counts and of which its host shows nothing. */
    @Schema(name = "LedgerMissing")
    public record MissingView(
            @Schema(description = "Null for a disk that is kept by itself.", nullable = true) UUID machine,
            @Schema(examples = "blue") String tenant,
            @Schema(examples = "local") String host,
            @Schema(examples = "build-1") String name,
            @Schema(description = "What is missing, and what to do.") String detail,
            int vcpus,
            long memoryMib,
            long diskGib,
            @Schema(description = "Null where that is not known.", nullable = true) Instant since) {
        static MissingView of(LedgerSource.Missing one) {
            return new MissingView(
                    one.machineId(),
                    one.tenantSlug(),
                    one.hostName(),
                    one.name(),
                    one.words(),
                    one.vcpus(),
                    one.memoryMib(),
                    one.diskGib(),
                    one.since());
        }
    }

    /** What is on a host under Berth's mark and belongs to nothing here. */
    @Schema(name = "Stray")
    public record StrayView(
            UUID id,
            @Schema(description = "A machine as libvirt has it, or what holds a disk.") Stray.Kind kind,
            @Schema(examples = "local") String host,
            @Schema(examples = "blue-build-1") String name,
            @Schema(description = "The domain's UUID, or the volume's.") UUID uuid,
            @Schema(description = "The storage profile that a volume lies on; empty for a domain.") String storage,
            boolean running,
            @Schema(nullable = true) Integer vcpus,
            @Schema(nullable = true) Long memoryMib,
            @Schema(description = "What a guest would see of a volume.", nullable = true) Long bytes,
            Instant since,
            @Schema(description = "An admin wants it removed; a worker is at it.") boolean removing,
            @Schema(description = "Why it could not be removed; empty when nothing went wrong.") String note) {
        static StrayView of(Stray stray) {
            return new StrayView(
                    stray.id(),
                    stray.kind(),
                    stray.hostName(),
                    stray.name(),
                    stray.ref(),
                    stray.storage(),
                    stray.running(),
                    stray.vcpus(),
                    stray.memoryMib(),
                    stray.bytes(),
                    stray.since(),
                    stray.removing(),
                    stray.note());
        }
    }

    /** The stray's name, said again: all that it holds is lost. */
    public record Removal(@Schema(required = true, examples = "blue-build-1") String confirm) {}

    private final Callers callers;
    private final LedgerCheck check;
    private final Strays strays;

    LedgerResource(Callers callers, LedgerCheck check, Strays strays) {
        this.callers = callers;
        this.check = check;
        this.strays = strays;
    }

    @GET
    @Path("/ledger/missing")
    @Operation(
            summary = "List what counts and is not on its host",
            description =
                    "For admins and auditors. As the last look at each host has it; `retry` makes a machine anew.")
    public Page<MissingView> missing(@BeanParam Paging paging) {
        return paging.slice(
                check.missing(callers.current()).stream().map(MissingView::of).toList(),
                one -> one.tenant() + "/" + one.name() + "/" + one.machine());
    }

    @GET
    @Path("/ledger/strays")
    @Operation(
            summary = "List what is on hosts and is nothing's here",
            description =
                    "For admins and auditors. Domains and volumes with Berth's mark that no machine or disk knows,"
                            + " as the last look at each host has them.")
    public Page<StrayView> strays(@BeanParam Paging paging) {
        return paging.slice(
                strays.list(callers.current()).stream().map(StrayView::of).toList(),
                one -> one.id().toString());
    }

    @POST
    @Path("/ledger/strays/{id}/remove")
    @Idempotent
    @APIResponse(responseCode = "202", description = "Its host's worker looks once more and removes it.")
    @Operation(
            summary = "Remove a stray from its host",
            description = "For admins. What has become known meanwhile, or is in use, is left alone.")
    public RestResponse<StrayView> remove(@PathParam("id") UUID id, Removal removal) {
        return Answers.accepted(StrayView.of(strays.remove(
                callers.current(), id, Answers.text(Answers.body(removal).confirm()))));
    }
}
