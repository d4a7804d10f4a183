package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.machines.Disks;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Tenants;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Disks: machines' and those that are kept by themselves. */
@Path(ApiPaths.V1)
@Tag(name = "Disks")
public class DiskResource {
    private static final String QUEUED =
            "Wanted from now on; a worker brings it about. `state` and `note` say how far.";

    /** An empty disk for a machine. */
    public record NewDisk(
            @Schema(required = true, description = "One that the machine's template offers.", examples = "qcow2")
                    String storage,
            @Schema(required = true, examples = "20") Long sizeGib,
            @Schema(
                            required = true,
                            description = "Lower-case letters, digits and hyphens; unique in the tenant.",
                            examples = "data")
                    String name) {}

    /** How large the disk shall be. */
    public record Growth(@Schema(required = true, description = "More than it has.", examples = "40") Long sizeGib) {}

    /** Where the disk shall be. */
    public record Attachment(
            @Schema(required = true, description = "A machine of the tenant on the disk's host.") UUID machine) {}

    private final Callers callers;
    private final Tenants tenants;
    private final Disks disks;

    DiskResource(Callers callers, Tenants tenants, Disks disks) {
        this.callers = callers;
        this.tenants = tenants;
        this.disks = disks;
    }

    @GET
    @Path("/machines/{id}/disks")
    @Operation(summary = "List a machine's disks", description = "The system disk first.")
    public Page<DiskView> ofMachine(@PathParam("id") UUID id, @BeanParam Paging paging) {
        return paging.slice(
                disks.list(callers.current(), id).stream().map(DiskView::of).toList(),
                disk -> disk.id().toString());
    }

    @POST
    @Path("/machines/{id}/disks")
    @Idempotent
    @APIResponse(responseCode = "202", description = QUEUED)
    @Operation(
            summary = "Add a disk to a machine",
            description = "An empty one, live where the host allows it, else at the next start. It counts in the quota"
                    + " until it is deleted.")
    public RestResponse<DiskView> add(@PathParam("id") UUID id, NewDisk disk) {
        NewDisk wish = Answers.body(disk);
        return Answers.accepted(DiskView.of(disks.add(
                callers.current(),
                id,
                new Disks.Wish(
                        Answers.text(wish.storage()),
                        wish.sizeGib() == null ? 0 : wish.sizeGib(),
                        Answers.text(wish.name())),
                UUID.randomUUID())));
    }

    @GET
    @Path("/tenants/{tenant}/disks")
    @Operation(
            summary = "List a tenant's disks",
            description = "By name: those of its machines and those that are kept by themselves.")
    public Page<DiskView> ofTenant(
            @PathParam("tenant") String tenant,
            @Parameter(
                            description = "`true` for those with a machine, `false` for those kept by themselves.",
                            schema = @Schema(enumeration = {"true", "false"}))
                    @QueryParam("attached")
                    String attached,
            @Parameter(description = "A part of the name.") @QueryParam("q") String text,
            @BeanParam Paging paging) {
        if (attached != null && !attached.isEmpty() && !attached.equals("true") && !attached.equals("false")) {
            throw ProblemException.invalid("attached", "Use true or false.");
        }
        Caller caller = callers.current();
        Boolean wanted = attached == null || attached.isEmpty() ? null : Boolean.valueOf(attached);
        return disks.list(
                        caller,
                        tenants.get(caller, tenant).id(),
                        new Disks.Filter(wanted, text),
                        paging.limit(),
                        paging.cursor())
                .map(DiskView::of);
    }

    @GET
    @Path("/disks/{disk}")
    @Operation(summary = "Show a disk")
    public DiskView get(@PathParam("disk") UUID id) {
        return DiskView.of(disks.get(callers.current(), id));
    }

    @POST
    @Path("/disks/{disk}/grow")
    @Idempotent
    @APIResponse(responseCode = "202", description = QUEUED)
    @Operation(
            summary = "Make a disk larger",
            description = "A running guest sees the new size; its file system has to be grown in the guest.")
    public RestResponse<DiskView> grow(@PathParam("disk") UUID id, Growth growth) {
        Long size = Answers.body(growth).sizeGib();
        return Answers.accepted(DiskView.of(disks.grow(callers.current(), id, size == null ? 0 : size)));
    }

    @POST
    @Path("/disks/{disk}/attach")
    @Idempotent
    @APIResponse(responseCode = "202", description = QUEUED)
    @Operation(
            summary = "Attach a disk",
            description = "One that is kept by itself, to a machine of its tenant on its host.")
    public RestResponse<DiskView> attach(@PathParam("disk") UUID id, Attachment attachment) {
        UUID machine = Answers.body(attachment).machine();
        if (machine == null) {
            throw ProblemException.invalid("machine", "Name the machine by its id.");
        }
        return Answers.accepted(DiskView.of(disks.attach(callers.current(), id, machine)));
    }

    @POST
    @Path("/disks/{disk}/detach")
    @Idempotent
    @APIResponse(responseCode = "202", description = QUEUED)
    @Operation(
            summary = "Detach a disk",
            description = "It keeps what is on it. If the running guest holds it, it goes when the machine next stops.")
    public RestResponse<DiskView> detach(@PathParam("disk") UUID id) {
        return Answers.accepted(DiskView.of(disks.detach(callers.current(), id)));
    }

    @DELETE
    @Path("/disks/{disk}")
    @Idempotent
    @APIResponse(responseCode = "202", description = QUEUED)
    @Operation(
            summary = "Delete a disk",
            description =
                    "With everything on it; it is detached first. Its quota is given back once it is really gone.")
    public RestResponse<DiskView> delete(@PathParam("disk") UUID id) {
        return Answers.accepted(DiskView.of(disks.delete(callers.current(), id)));
    }
}
