package dev.berth.requests;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;

/** Deciding on requests. The decision, what it brings about and the audit row are one transaction. */
@ApplicationScoped
public class Approvals {
    private static final String POLICY = "policy";

    private final RequestRepository requests;
    private final RequestKinds kinds;
    private final RequestHistory history;
    private final RequestNotices notices;
    private final Audit audit;
    private final Event<RequestMetrics.Outcome> outcomes;
    private final Clock clock;

    Approvals(
            RequestRepository requests,
            RequestKinds kinds,
            RequestHistory history,
            RequestNotices notices,
            Audit audit,
            Event<RequestMetrics.Outcome> outcomes,
            Clock clock) {
        this.requests = requests;
        this.kinds = kinds;
        this.history = history;
        this.notices = notices;
        this.audit = audit;
        this.outcomes = outcomes;
        this.clock = clock;
    }

    /**
     * Opens a request of any kind, in the transaction that made it: writes it, tells whoever has to answer, or approves it
     * at once when nobody has to.
     *
     * @param request with all its fields; it holds already what it takes
     * @param detail of the ask, for the audit log
     * @param passes whether it needs nobody's yes; else {@code request.needs} says whose
     */
    @Transactional(Transactional.TxType.MANDATORY)
    void open(Caller caller, RequestEntity request, Map<String, ?> detail, boolean passes) {
        requests.persist(request);
        audit.record(caller, "request.create", request.subject(), detail);
        outcomes.fire(RequestMetrics.Outcome.CREATED);
        if (passes) {
            approveByPolicy(request);
        } else {
            notices.toDeciders(request);
        }
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
            request.askedBack = false;
            history.note(request, RequestEvent.Deed.ENDORSED, caller.username(), "");
            audit.record(caller, "request.endorse", request.subject(), Map.of());
            notices.toDeciders(request);
            return request.toRequest();
        }
        approve(caller, request, caller.username());
        notices.toRequester(
                request,
                "approved",
                request.name + " is approved",
                "%s said yes to: %s.".formatted(caller.username(), request.summary()));
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
        kinds.of(request).grant(caller, request);
        history.note(request, RequestEvent.Deed.APPROVED, by, "");
        audit.record(
                caller,
                "request.approve",
                request.subject(),
                request.machineId == null ? Map.of() : Map.of("machine", request.machineId.toString()));
    }

    /** @param reason what the requester will read */
    @Transactional
    public Request deny(Caller caller, UUID id, String reason) {
        RequestEntity request =
                mayAnswer(caller, requests.locked(caller, id, RequestState.PENDING, RequestState.OFFERED));
        new Checks()
                .said("reason", reason, Ask.MAX_REASON, "Say why: the requester reads it.")
                .throwIfAny();
        close(caller, request, RequestState.DENIED, RequestEvent.Deed.DENIED, reason.strip());
        audit.record(caller, "request.deny", request.subject(), Map.of("reason", reason.strip()));
        notices.toRequester(
                request,
                "denied",
                request.name + " is denied",
                "%s said no: %s".formatted(caller.username(), reason.strip()));
        outcomes.fire(RequestMetrics.Outcome.DENIED);
        return request.toRequest();
    }

    /** The requester, or another member of the tenant, no longer wants it, or not what was offered instead. */
    @Transactional
    public Request withdraw(Caller caller, UUID id) {
        RequestEntity request = requests.locked(caller, id, RequestState.PENDING, RequestState.OFFERED);
        boolean refused = request.state == RequestState.OFFERED;
        String offeredBy = request.decidedBy;
        close(
                caller,
                request,
                RequestState.WITHDRAWN,
                RequestEvent.Deed.WITHDRAWN,
                refused ? "Did not want what %s offered.".formatted(offeredBy) : "");
        audit.record(
                caller, "request.withdraw", request.subject(), refused ? Map.of("offeredBy", offeredBy) : Map.of());
        outcomes.fire(RequestMetrics.Outcome.WITHDRAWN);
        return request.toRequest();
    }

    /** A no of any sort: what was held is given back. */
    void close(Caller caller, RequestEntity request, RequestState state, RequestEvent.Deed deed, String why) {
        request.decide(state, caller.username(), clock.instant(), why);
        kinds.of(request).drop(request);
        history.note(request, deed, caller.username(), why);
    }

    /** The waiting request, locked, when it is this person's to answer. */
    RequestEntity forDecision(Caller caller, UUID id) {
        return mayAnswer(caller, requests.forDecision(caller, id));
    }

    private static RequestEntity mayAnswer(Caller caller, RequestEntity request) {
        if (!request.needs.may(caller, request.tenantId)) {
            throw ProblemException.forbidden("This request needs " + request.needs.label() + ".");
        }
        return request;
    }

    /** The requester agrees with what was offered: it is the yes of whoever offered it. */
    void accepted(Caller caller, RequestEntity request) {
        String by = request.decidedBy;
        approve(caller, request, by);
        outcomes.fire(RequestMetrics.Outcome.APPROVED);
    }
}
