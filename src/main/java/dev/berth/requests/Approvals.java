package dev.berth.requests;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import io.quarkus.arc.All;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Deciding on requests. The decision, what it brings about and the audit row are one transaction. */
@ApplicationScoped
public class Approvals {
    private static final String POLICY = "policy";

    private final RequestRepository requests;
    private final List<RequestKind<?>> kinds;
    private final Audit audit;
    private final Event<RequestMetrics.Outcome> outcomes;
    private final Clock clock;

    Approvals(
            RequestRepository requests,
            @All List<RequestKind<?>> kinds,
            Audit audit,
            Event<RequestMetrics.Outcome> outcomes,
            Clock clock) {
        this.requests = requests;
        this.kinds = kinds;
        this.audit = audit;
        this.outcomes = outcomes;
        this.clock = clock;
    }

    /**
     * Says yes. Where an owner and an admin have to, the owner's yes leaves the request open for the admin.
     *
     * @throws ProblemException conflict when somebody else has decided already
     */
    @Transactional
    public Request approve(Caller caller, UUID id) {
        RequestEntity request = forDecision(caller, id);
        if (request.needs == Deciders.BOTH) {
            requireOwner(caller, request);
            request.endorsedBy = caller.username();
            request.needs = Deciders.ADMIN;
            audit.record(caller, "request.endorse", request.subject(), Map.of());
            return request.toRequest();
        }
        approve(caller, request, caller.username());
        outcomes.fire(RequestMetrics.Outcome.APPROVED);
        return request.toRequest();
    }

    private static void requireOwner(Caller caller, RequestEntity request) {
        if (!caller.owns(request.tenantId)) {
            throw ProblemException.conflict(
                    "owner-first",
                    "This request needs an owner's yes before an admin's. Ask an owner of %s, or deny it."
                            .formatted(request.tenantSlug));
        }
    }

    /** For what a policy lets pass: the request was opened in this transaction. */
    @Transactional(Transactional.TxType.MANDATORY)
    void approveByPolicy(RequestEntity request) {
        approve(Caller.system(POLICY), request, POLICY);
        outcomes.fire(RequestMetrics.Outcome.APPROVED_BY_POLICY);
    }

    private void approve(Caller caller, RequestEntity request, String by) {
        request.decide(RequestState.APPROVED, by, clock.instant(), "");
        kind(request).grant(caller, request);
        audit.record(
                caller,
                "request.approve",
                request.subject(),
                request.machineId == null ? Map.of() : Map.of("machine", request.machineId.toString()));
    }

    /** @param reason what the requester will read */
    @Transactional
    public Request deny(Caller caller, UUID id, String reason) {
        RequestEntity request = forDecision(caller, id);
        new Checks()
                .require("reason", reason != null && !reason.isBlank(), "Say why: the requester reads it.")
                .text("reason", reason == null ? "" : reason, Ask.MAX_REASON)
                .throwIfAny();
        request.decide(RequestState.DENIED, caller.username(), clock.instant(), reason.strip());
        kind(request).drop(request);
        audit.record(caller, "request.deny", request.subject(), Map.of("reason", reason.strip()));
        outcomes.fire(RequestMetrics.Outcome.DENIED);
        return request.toRequest();
    }

    /** The requester, or another member of the tenant, no longer wants it. */
    @Transactional
    public Request withdraw(Caller caller, UUID id) {
        RequestEntity request = requests.forDecision(caller, id);
        request.decide(RequestState.WITHDRAWN, caller.username(), clock.instant(), "");
        kind(request).drop(request);
        audit.record(caller, "request.withdraw", request.subject(), Map.of());
        outcomes.fire(RequestMetrics.Outcome.WITHDRAWN);
        return request.toRequest();
    }

    private RequestEntity forDecision(Caller caller, UUID id) {
        RequestEntity request = requests.forDecision(caller, id);
        if (!request.needs.may(caller, request.tenantId)) {
            throw ProblemException.forbidden("This request needs " + request.needs.label() + ".");
        }
        return request;
    }

    @SuppressWarnings("unchecked")
    private RequestKind<RequestEntity> kind(RequestEntity request) {
        return (RequestKind<RequestEntity>) kinds.stream()
                .filter(kind -> kind.entity().isInstance(request))
                .findFirst()
                .orElseThrow();
    }
}
