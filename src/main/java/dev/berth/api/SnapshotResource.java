package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.machines.Snapshots;
import dev.berth.requests.Ask;
import dev.berth.requests.MachineRequests;
import dev.berth.requests.Request;
import dev.berth.tenancy.Callers;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** A machine's snapshots. */
@Path(ApiPaths.V1 + "/machines/{id}/snapshots")
@Tag(name = "Snapshots")
public class SnapshotResource {
    /** What the snapshot shall be called. */
    public record NewSnapshot(
            @Schema(
                            required = true,
                            description = "One line of at most 60 characters; no other of the machine has it.",
                            examples = "before the upgrade")
                    String name) {}

    /** How to revert a machine that runs. */
    public record Revert(
            @Schema(
                            description =
                                    "A machine that runs is powered off and started again. Without, it is refused.",
                            examples = "true")
                    Boolean restart) {}

    /** A machine that starts as a copy of what the snapshot keeps. Its template and revision are those of the origin. */
    public record Clone(
            @Schema(required = true, examples = "small") String size,
            @Schema(
                            required = true,
                            description = "Becomes the host name: lower-case letters, digits and hyphens.",
                            examples = "build-2")
                    String name,
            @Schema(required = true, examples = "nat") String network,
            @Schema(required = true, examples = "qcow2") String storage,
            @Schema(description = "Public keys that may log in.") List<String> sshKeys,
            @Schema(description = "cloud-config or a script for its first boot.", examples = "#!/bin/sh\ntouch /hello")
                    String userData,
            @Schema(required = true, description = "When it stops, counted from approval.", examples = "24")
                    Integer leaseHours,
            @Schema(description = "The approver reads it.", examples = "To try the upgrade") String reason) {
        Ask ask() {
            return new Ask(
                    "",
                    size,
                    name,
                    network,
                    storage,
                    Answers.list(sshKeys),
                    userData,
                    leaseHours == null ? 0 : leaseHours,
                    reason);
        }
    }

    private final Callers callers;
    private final Snapshots snapshots;
    private final MachineRequests requests;

    SnapshotResource(Callers callers, Snapshots snapshots, MachineRequests requests) {
        this.callers = callers;
        this.snapshots = snapshots;
        this.requests = requests;
    }

    @GET
    @Operation(summary = "List a machine's snapshots", description = "Newest first.")
    public Page<SnapshotView> list(@PathParam("id") UUID id, @BeanParam Paging paging) {
        return paging.slice(
                snapshots.list(callers.current(), id).stream()
                        .map(SnapshotView::of)
                        .toList(),
                snapshot -> snapshot.id().toString());
    }

    @GET
    @Path("/{snapshot}")
    @Operation(summary = "Show a snapshot")
    public SnapshotView get(@PathParam("id") UUID id, @PathParam("snapshot") UUID snapshot) {
        return SnapshotView.of(snapshots.get(callers.current(), id, snapshot));
    }

    @POST
    @Idempotent
    @APIResponse(responseCode = "202", description = "Its quota is taken; a worker takes the snapshot.")
    @APIResponse(responseCode = "409", description = "Over the quota, or a disk of the machine can't have snapshots.")
    @Operation(
            summary = "Take a snapshot",
            description = "Of all disks of the machine at one point, whether it runs or not. A guest that runs an agent"
                    + " writes everything out and keeps still for the moment; `frozen` says whether it did.")
    public RestResponse<SnapshotView> take(@PathParam("id") UUID id, NewSnapshot snapshot) {
        String name = Answers.text(Answers.body(snapshot).name());
        return Answers.accepted(SnapshotView.of(snapshots.take(callers.current(), id, name, UUID.randomUUID())));
    }

    @DELETE
    @Path("/{snapshot}")
    @Idempotent
    @APIResponse(responseCode = "202", description = "Wanted from now on; its quota is free once it is gone.")
    @APIResponse(responseCode = "409", description = "A machine is still being copied from it.")
    @Operation(summary = "Delete a snapshot", description = "The machine's disks stay as they are.")
    public RestResponse<SnapshotView> delete(@PathParam("id") UUID id, @PathParam("snapshot") UUID snapshot) {
        return Answers.accepted(SnapshotView.of(snapshots.delete(callers.current(), id, snapshot)));
    }

    @POST
    @Path("/{snapshot}/revert")
    @Idempotent
    @APIResponse(responseCode = "202", description = "Wanted from now on; the snapshot stays.")
    @APIResponse(responseCode = "409", description = "The machine runs, or it could not have these disks now.")
    @Operation(
            summary = "Revert a machine to a snapshot",
            description = "Its disks become what the snapshot keeps; what was written since is lost.")
    public RestResponse<SnapshotView> revert(
            @PathParam("id") UUID id, @PathParam("snapshot") UUID snapshot, Revert revert) {
        boolean restart = revert != null && Boolean.TRUE.equals(revert.restart());
        return Answers.accepted(SnapshotView.of(snapshots.revert(callers.current(), id, snapshot, restart)));
    }

    @POST
    @Path("/{snapshot}/clone")
    @Idempotent
    @APIResponse(
            responseCode = "201",
            description = "Quota is reserved. `APPROVED` when it passed by itself, else `PENDING`.")
    @APIResponse(responseCode = "409", description = "Over the quota, or no host has room.")
    @Operation(
            summary = "Ask for a clone",
            description =
                    "A new machine whose system disk is a copy of what the snapshot keeps of this one's, with a name,"
                            + " addresses and first-boot settings of its own. Other disks are not copied. It is a request like any"
                            + " other.")
    public RestResponse<RequestView> cloneMachine(
            @PathParam("id") UUID id, @PathParam("snapshot") UUID snapshot, Clone clone) {
        Request made = requests.createClone(
                callers.current(), id, snapshot, Answers.body(clone).ask(), null);
        return Answers.created("/requests/" + made.id(), RequestView.of(made));
    }
}
