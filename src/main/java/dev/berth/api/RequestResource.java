package dev.berth.api;

import dev.berth.common.Page;
import dev.berth.requests.Approvals;
import dev.berth.requests.Ask;
import dev.berth.requests.ExtensionRequests;
import dev.berth.requests.MachineRequests;
import dev.berth.requests.Offers;
import dev.berth.requests.Request;
import dev.berth.requests.RequestEvent;
import dev.berth.requests.RequestHistory;
import dev.berth.requests.RequestState;
import dev.berth.requests.RequestTalk;
import dev.berth.requests.Requests;
import dev.berth.requests.ResizeRequests;
import dev.berth.security.Caller;
import dev.berth.tenancy.Callers;
import dev.berth.tenancy.Tenants;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;

/** Asking for machines, and deciding on what was asked. */
@Path(ApiPaths.V1)
@Tag(name = "Requests")
public class RequestResource {
    /** What is asked for, in the catalogue's names. */
    public record NewRequest(
            @Schema(required = true, examples = "debian-12") String template,
            @Schema(required = true, examples = "small") String size,
            @Schema(
                            required = true,
                            description = "Becomes the host name: lower-case letters, digits and hyphens.",
                            examples = "build-1")
                    String name,
            @Schema(required = true, examples = "nat") String network,
            @Schema(description = "Not looked at where the template makes machines without a disk.", examples = "qcow2")
                    String storage,
            @Schema(description = "Public keys that may log in.") List<String> sshKeys,
            @Schema(description = "cloud-config or a script for the first boot.", examples = "#!/bin/sh\ntouch /hello")
                    String userData,
            @Schema(required = true, description = "When it stops, counted from approval.", examples = "24")
                    Integer leaseHours,
            @Schema(description = "The approver reads it.", examples = "Nightly build") String reason) {
        Ask ask() {
            return new Ask(
                    template,
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

    /** A longer lease than passes by itself. */
    public record LongerLease(
            @Schema(required = true, description = "How many hours, from the decision on.", examples = "336")
                    Integer hours,
            @Schema(required = true, examples = "The release is a week late.") String reason) {}

    /** Why a request is denied; the requester reads it. */
    public record Denial(@Schema(required = true, examples = "Use the shared build machine.") String reason) {}

    /** A yes to something else. */
    public record Offer(
            @Schema(
                            description =
                                    "By the name of the part, see `/requests/{id}/parts`; what is left out stays as it was"
                                            + " asked for.",
                            examples = "{\"size\": \"small\", \"leaseHours\": \"24\"}")
                    Map<String, String> changes,
            @Schema(description = "The requester reads it.", examples = "Try with less first.") String message) {}

    /** Something that is said about a request. */
    public record Words(@Schema(required = true, examples = "What is it for?") String text) {}

    /** Who shall look at a request. */
    public record Assignment(
            @Schema(description = "A user name; empty for nobody in particular.", examples = "bob") String assignee) {}

    private final Callers callers;
    private final Tenants tenants;
    private final Requests requests;
    private final MachineRequests machineRequests;
    private final ExtensionRequests extensions;
    private final ResizeRequests resizes;
    private final Approvals approvals;
    private final Offers offers;
    private final RequestTalk talk;
    private final RequestHistory history;

    RequestResource(
            Callers callers,
            Tenants tenants,
            Requests requests,
            MachineRequests machineRequests,
            ExtensionRequests extensions,
            ResizeRequests resizes,
            Approvals approvals,
            Offers offers,
            RequestTalk talk,
            RequestHistory history) {
        this.callers = callers;
        this.tenants = tenants;
        this.requests = requests;
        this.machineRequests = machineRequests;
        this.extensions = extensions;
        this.resizes = resizes;
        this.approvals = approvals;
        this.offers = offers;
        this.talk = talk;
        this.history = history;
    }

    @POST
    @Path("/tenants/{tenant}/requests")
    @Idempotent
    @APIResponse(
            responseCode = "201",
            description = "Quota is reserved. `APPROVED` when it passed by itself, else `PENDING`.")
    @APIResponse(responseCode = "409", description = "Over the quota, or no host has room.")
    @Operation(
            summary = "Ask for a machine",
            description = "Reserves quota. What the template's policy lets pass is approved at once and starts.")
    public RestResponse<RequestView> create(@PathParam("tenant") String tenant, NewRequest request) {
        Request made = machineRequests.create(
                callers.current(), tenant, Answers.body(request).ask(), null);
        return Answers.created("/requests/" + made.id(), RequestView.of(made));
    }

    @POST
    @Path("/machines/{id}/extension-requests")
    @Idempotent
    @APIResponse(responseCode = "201", description = "It waits for a decision; the machine is not deleted before.")
    @APIResponse(responseCode = "409", description = "One is open already, or the machine is pinned.")
    @Operation(
            summary = "Ask for a longer lease",
            description = "For more than passes by itself; what does, is taken by `extend`.")
    public RestResponse<RequestView> extend(@PathParam("id") UUID id, LongerLease lease) {
        LongerLease sent = Answers.body(lease);
        Request made = extensions.create(callers.current(), id, sent.hours() == null ? 0 : sent.hours(), sent.reason());
        return Answers.created("/requests/" + made.id(), RequestView.of(made));
    }

    /** Another size than passes by itself. */
    public record OtherSize(
            @Schema(required = true, examples = "large") String size,
            @Schema(
                            description = "Switch a machine that runs off and on for it, once approved.",
                            defaultValue = "false")
                    Boolean restart,
            @Schema(required = true, description = "The decider reads it.", examples = "The index no longer fits.")
                    String reason) {}

    @POST
    @Path("/machines/{id}/resize-requests")
    @Idempotent
    @APIResponse(responseCode = "201", description = "Quota is reserved. `PENDING` until somebody decides.")
    @APIResponse(responseCode = "409", description = "One is open already, or the quota is used up.")
    @Operation(
            summary = "Ask for another size",
            description = "For more than passes by itself; what does, is had by `resize`.")
    public RestResponse<RequestView> resize(@PathParam("id") UUID id, OtherSize size) {
        OtherSize sent = Answers.body(size);
        Request made =
                resizes.create(callers.current(), id, sent.size(), Boolean.TRUE.equals(sent.restart()), sent.reason());
        return Answers.created("/requests/" + made.id(), RequestView.of(made));
    }

    @GET
    @Path("/tenants/{tenant}/requests")
    @Operation(summary = "List a tenant's requests", description = "Newest first; pending ones oldest first.")
    public Page<RequestView> ofTenant(
            @PathParam("tenant") String tenant, @QueryParam("state") String state, @BeanParam Paging paging) {
        Caller caller = callers.current();
        return page(caller, tenants.get(caller, tenant).id(), state, paging);
    }

    @GET
    @Path("/requests")
    @Operation(
            summary = "List requests",
            description = "Of all my tenants; an admin sees all. Newest first; pending ones oldest first.")
    public Page<RequestView> list(
            @Parameter(description = "pending, offered, approved, denied, withdrawn or expired") @QueryParam("state")
                    String state,
            @BeanParam Paging paging) {
        return page(callers.current(), null, state, paging);
    }

    private Page<RequestView> page(Caller caller, UUID tenantId, String state, Paging paging) {
        RequestState wanted = Answers.word(RequestState.class, "state", state);
        return requests.list(caller, tenantId, wanted, paging.limit(), paging.cursor())
                .map(RequestView::brief);
    }

    @GET
    @Path("/requests/{id}")
    @Operation(summary = "Show a request")
    public RequestView get(@PathParam("id") UUID id) {
        return RequestView.of(requests.get(callers.current(), id));
    }

    @POST
    @Path("/requests/{id}/approve")
    @Idempotent
    @APIResponse(
            responseCode = "200",
            description =
                    "Approved, and what was asked for is on its way; or an owner's yes, and an admin's is still to come.")
    @APIResponse(responseCode = "409", description = "Somebody else has decided already.")
    @Operation(summary = "Approve a request", description = "For whom the request waits: see `needs`.")
    public RestResponse<RequestView> approve(@PathParam("id") UUID id) {
        return RestResponse.ok(RequestView.of(approvals.approve(callers.current(), id)));
    }

    @POST
    @Path("/requests/{id}/deny")
    @Idempotent
    @APIResponse(responseCode = "200", description = "Denied; its quota is given back.")
    @APIResponse(responseCode = "409", description = "Somebody else has decided already.")
    @Operation(summary = "Deny a request", description = "For whom the request waits: see `needs`.")
    public RestResponse<RequestView> deny(@PathParam("id") UUID id, Denial denial) {
        return RestResponse.ok(RequestView.of(
                approvals.deny(callers.current(), id, Answers.body(denial).reason())));
    }

    @POST
    @Path("/requests/{id}/withdraw")
    @Idempotent
    @APIResponse(responseCode = "200", description = "Withdrawn; its quota is given back. So is an offer refused.")
    @APIResponse(responseCode = "409", description = "It has been decided already.")
    @Operation(summary = "Withdraw a request")
    public RestResponse<RequestView> withdraw(@PathParam("id") UUID id) {
        return RestResponse.ok(RequestView.of(approvals.withdraw(callers.current(), id)));
    }

    @GET
    @Path("/requests/{id}/events")
    @Operation(summary = "Show what happened to a request", description = "Oldest first, beginning with the ask.")
    public Page<RequestEvent> events(@PathParam("id") UUID id, @BeanParam Paging paging) {
        return paging.slice(history.of(callers.current(), id), event -> event.at() + "/" + event.deed());
    }

    @GET
    @Path("/requests/{id}/parts")
    @Operation(
            summary = "Show what can be offered otherwise",
            description = "With the values to choose from; a part without any is a whole number, at most what was asked"
                    + " for. Empty when nothing can be changed.")
    public Page<Request.Part> parts(@PathParam("id") UUID id, @BeanParam Paging paging) {
        return paging.slice(offers.parts(callers.current(), id), Request.Part::name);
    }

    @POST
    @Path("/requests/{id}/offer")
    @Idempotent
    @APIResponse(responseCode = "200", description = "`OFFERED`: the requester accepts it, or withdraws the request.")
    @APIResponse(responseCode = "409", description = "Somebody else has decided already, or an owner has to first.")
    @Operation(
            summary = "Approve a request with changes",
            description = "For whom the request waits: see `needs`. What it holds of the quota is that of the offer.")
    public RestResponse<RequestView> offer(@PathParam("id") UUID id, Offer offer) {
        Offer body = Answers.body(offer);
        return RestResponse.ok(RequestView.of(offers.offer(
                callers.current(), id, body.changes() == null ? Map.of() : body.changes(), body.message())));
    }

    @POST
    @Path("/requests/{id}/accept")
    @Idempotent
    @APIResponse(responseCode = "200", description = "Approved as offered, and on its way.")
    @APIResponse(responseCode = "409", description = "There is no offer.")
    @Operation(summary = "Accept an offer", description = "For the requester. To refuse it, withdraw the request.")
    public RestResponse<RequestView> accept(@PathParam("id") UUID id) {
        return RestResponse.ok(RequestView.of(offers.accept(callers.current(), id)));
    }

    @POST
    @Path("/requests/{id}/ask-back")
    @Idempotent
    @Operation(
            summary = "Ask the requester something",
            description = "For whom the request waits. It stays `PENDING`, with `askedBack`.")
    public RestResponse<RequestView> askBack(@PathParam("id") UUID id, Words words) {
        return RestResponse.ok(RequestView.of(
                talk.askBack(callers.current(), id, Answers.body(words).text())));
    }

    @POST
    @Path("/requests/{id}/answer")
    @Idempotent
    @Operation(summary = "Answer a question", description = "For members of the tenant.")
    public RestResponse<RequestView> answer(@PathParam("id") UUID id, Words words) {
        return RestResponse.ok(RequestView.of(
                talk.answer(callers.current(), id, Answers.body(words).text())));
    }

    @PUT
    @Path("/requests/{id}/assignee")
    @Idempotent
    @Operation(
            summary = "Say who shall look at a request",
            description = "For whom the request waits. Others may still answer it.")
    public RestResponse<RequestView> assign(@PathParam("id") UUID id, Assignment assignment) {
        return RestResponse.ok(RequestView.of(
                talk.assign(callers.current(), id, Answers.body(assignment).assignee())));
    }
}
