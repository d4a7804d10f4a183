package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.machines.Cards;
import dev.berth.machines.Disks;
import dev.berth.machines.LeaseState;
import dev.berth.machines.Leases;
import dev.berth.machines.MachineList;
import dev.berth.machines.MachineState;
import dev.berth.machines.Machines;
import dev.berth.machines.Restart;
import dev.berth.requests.ResizeRequests;
import dev.berth.security.Caller;
import dev.berth.security.User;
import dev.berth.security.Users;
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

/** Machines: lists, one of them, its timeline, and what can be done with it. */
@Path(ApiPaths.V1)
@Tag(name = "Machines")
public class MachineResource {
    private static final String QUEUED = "Wanted from now on; the worker is at it. The events tell how far it is.";

    /** How a list of machines is narrowed and ordered. */
    public static class Filter {
        @Parameter(description = "Only machines in this state, for example `running`.")
        @QueryParam("state")
        String state;

        @Parameter(description = "Only machines whose lease is `active`, `warned`, in its `grace` time, or `pinned`.")
        @QueryParam("lease")
        String lease;

        @Parameter(description = "Only machines of this user, or `me`.")
        @QueryParam("owner")
        String owner;

        @Parameter(description = "A part of the name or the address.")
        @QueryParam("q")
        String text;

        @Parameter(description = "name, created (newest first, the default), lease, owner or state.")
        @QueryParam("sort")
        String sort;
    }

    /** The lease ends this many hours from now. */
    public record Extension(
            @Schema(
                            description =
                                    "Without, what the template lets pass by itself; a longer lease stays as it is.",
                            nullable = true,
                            examples = "48")
                    Integer hours) {}

    /** Another size. */
    public record Resize(
            @Schema(required = true, description = "One of its template revision's.", examples = "medium") String size,
            @Schema(description = "Whether a machine that runs is restarted for it now.", defaultValue = "false")
                    Boolean restart) {}

    private final Callers callers;
    private final ResizeRequests resizes;
    private final Tenants tenants;
    private final Users users;
    private final Machines machines;
    private final Leases leases;
    private final Cards cards;
    private final Disks disks;

    MachineResource(
            Callers callers,
            ResizeRequests resizes,
            Tenants tenants,
            Users users,
            Machines machines,
            Leases leases,
            Cards cards,
            Disks disks) {
        this.callers = callers;
        this.resizes = resizes;
        this.tenants = tenants;
        this.users = users;
        this.machines = machines;
        this.leases = leases;
        this.cards = cards;
        this.disks = disks;
    }

    @GET
    @Path("/tenants/{tenant}/machines")
    @Operation(summary = "List a tenant's machines", description = "Deleted ones are not listed.")
    public Page<MachineView> ofTenant(
            @PathParam("tenant") String tenant, @BeanParam Filter filter, @BeanParam Paging paging) {
        Caller caller = callers.current();
        return page(caller, tenants.get(caller, tenant).id(), filter, paging);
    }

    @GET
    @Path("/machines")
    @Operation(
            summary = "List machines",
            description = "Of all my tenants; an admin sees all. Deleted ones are not listed.")
    public Page<MachineView> list(@BeanParam Filter filter, @BeanParam Paging paging) {
        return page(callers.current(), null, filter, paging);
    }

    private Page<MachineView> page(Caller caller, UUID tenantId, Filter filter, Paging paging) {
        MachineList list = new MachineList(
                tenantId,
                Answers.word(MachineState.class, "state", filter.state),
                Answers.word(LeaseState.class, "lease", filter.lease),
                owner(caller, filter.owner),
                filter.text,
                MachineList.Sort.of(filter.sort));
        return machines.list(caller, list, paging.limit(), paging.cursor()).map(MachineView::of);
    }

    private UUID owner(Caller caller, String name) {
        if (name == null || name.isEmpty()) {
            return null;
        }
        // An unknown name owns nothing, and an answer must not tell which names exist.
        return name.equals("me")
                ? caller.userId()
                : users.find(name).map(User::id).orElse(new UUID(0, 0));
    }

    @GET
    @Path("/machines/{id}")
    @Operation(summary = "Show a machine", description = "A deleted one too, in state `GONE`.")
    public MachineView get(@PathParam("id") UUID id) {
        Caller caller = callers.current();
        return MachineView.of(
                machines.get(caller, id),
                cards.list(caller, id).stream().map(NicView::of).toList(),
                disks.list(caller, id).stream().map(DiskView::of).toList());
    }

    @DELETE
    @Path("/machines/{id}")
    @Idempotent
    @APIResponse(responseCode = "202", description = QUEUED)
    @Operation(
            summary = "Delete a machine",
            description = "Its system disk goes with it. Its quota is given back once it is really gone.")
    public RestResponse<MachineView> delete(
            @PathParam("id") UUID id,
            @Parameter(
                            description = "`delete` has its data disks go too, `keep` keeps them by themselves.",
                            schema =
                                    @Schema(
                                            enumeration = {"keep", "delete"},
                                            defaultValue = "keep"))
                    @QueryParam("disks")
                    String dataDisks) {
        if (dataDisks != null && !dataDisks.isEmpty() && !dataDisks.equals("keep") && !dataDisks.equals("delete")) {
            throw ProblemException.invalid("disks", "Use keep or delete.");
        }
        return Answers.accepted(MachineView.of(machines.delete(callers.current(), id, "delete".equals(dataDisks))));
    }

    @POST
    @Path("/machines/{id}/start")
    @Idempotent
    @APIResponse(responseCode = "202", description = QUEUED)
    @Operation(summary = "Start a machine")
    public RestResponse<MachineView> start(@PathParam("id") UUID id) {
        return Answers.accepted(MachineView.of(machines.start(callers.current(), id)));
    }

    @POST
    @Path("/machines/{id}/stop")
    @Idempotent
    @APIResponse(responseCode = "202", description = QUEUED)
    @Operation(summary = "Stop a machine", description = "Asks the guest to power off, and forces it after a while.")
    public RestResponse<MachineView> stop(
            @PathParam("id") UUID id,
            @Parameter(
                            description = "`true` pulls the plug at once.",
                            schema =
                                    @Schema(
                                            enumeration = {"true", "false"},
                                            defaultValue = "false"))
                    @QueryParam("force")
                    String force) {
        if (force != null && !force.isEmpty() && !force.equals("true") && !force.equals("false")) {
            throw ProblemException.invalid("force", "Use true or false.");
        }
        return Answers.accepted(MachineView.of(machines.stop(callers.current(), id, "true".equals(force))));
    }

    @POST
    @Path("/machines/{id}/reboot")
    @Idempotent
    @APIResponse(responseCode = "202", description = QUEUED)
    @Operation(summary = "Reboot a machine", description = "Asks the guest.")
    public RestResponse<MachineView> reboot(@PathParam("id") UUID id) {
        return Answers.accepted(MachineView.of(machines.restart(callers.current(), id, Restart.REBOOT)));
    }

    @POST
    @Path("/machines/{id}/reset")
    @Idempotent
    @APIResponse(responseCode = "202", description = QUEUED)
    @Operation(summary = "Reset a machine", description = "Like its reset button: at once, without asking the guest.")
    public RestResponse<MachineView> reset(@PathParam("id") UUID id) {
        return Answers.accepted(MachineView.of(machines.restart(callers.current(), id, Restart.RESET)));
    }

    @POST
    @Path("/machines/{id}/retry")
    @Idempotent
    @APIResponse(responseCode = "202", description = QUEUED)
    @Operation(summary = "Try again", description = "For a machine in state `FAILED`.")
    public RestResponse<MachineView> retry(@PathParam("id") UUID id) {
        return Answers.accepted(MachineView.of(machines.retry(callers.current(), id)));
    }

    @POST
    @Path("/machines/{id}/extend")
    @Idempotent
    @Operation(
            summary = "Extend the lease",
            description =
                    "The lease ends so many hours from now; over the template's own limit only an admin may. Keeps a"
                            + " machine whose lease has ended; it stays stopped until it is started.")
    public RestResponse<MachineView> extend(@PathParam("id") UUID id, Extension extension) {
        Integer hours = Answers.body(extension).hours();
        Caller caller = callers.current();
        return RestResponse.ok(
                MachineView.of(hours == null ? leases.extend(caller, id) : leases.extend(caller, id, hours)));
    }

    @POST
    @Path("/machines/{id}/resize")
    @Idempotent
    @Operation(
            summary = "Change the size",
            description =
                    "What it takes more of the quota is taken at once. The machine has its new figures from its next"
                            + " start; `restart` switches one that runs off and on for it, asking its guest first. The system disk"
                            + " grows where the size has a larger one and its storage can; it never shrinks. Where a policy"
                            + " does not let it pass by itself, ask by `resize-requests`.")
    public RestResponse<MachineView> resize(@PathParam("id") UUID id, Resize resize) {
        Resize body = Answers.body(resize);
        return Answers.accepted(MachineView.of(
                resizes.resize(callers.current(), id, body.size(), Boolean.TRUE.equals(body.restart()))));
    }

    @POST
    @Path("/machines/{id}/pin")
    @Idempotent
    @Operation(summary = "Pin a machine", description = "Its lease has no end from now on. For admins.")
    public RestResponse<MachineView> pin(@PathParam("id") UUID id) {
        return RestResponse.ok(MachineView.of(leases.pin(callers.current(), id)));
    }

    @POST
    @Path("/machines/{id}/unpin")
    @Idempotent
    @Operation(
            summary = "Unpin a machine",
            description = "Its lease ends after what its template lets pass by itself. For admins.")
    public RestResponse<MachineView> unpin(@PathParam("id") UUID id) {
        return RestResponse.ok(MachineView.of(leases.unpin(callers.current(), id)));
    }

    @GET
    @Path("/machines/{id}/events")
    @Operation(
            summary = "A machine's timeline",
            description = "Newest operation first, the steps of one operation in their order; the last 200.")
    public Page<EventView> events(@PathParam("id") UUID id) {
        return new Page<>(
                machines.timeline(callers.current(), id).stream()
                        .map(EventView::of)
                        .toList(),
                null);
    }
}
