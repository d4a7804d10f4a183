package dev.berth.requests;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * A yes to something else than was asked for. What is offered is what the request asks for from then on, and all that it
 * holds; the requester accepts it, or withdraws the request.
 */
@ApplicationScoped
public class Offers {
    private final RequestRepository requests;
    private final RequestKinds kinds;
    private final Approvals approvals;
    private final RequestHistory history;
    private final RequestNotices notices;
    private final Audit audit;
    private final Event<RequestMetrics.Outcome> outcomes;
    private final Clock clock;

    Offers(
            RequestRepository requests,
            RequestKinds kinds,
            Approvals approvals,
            RequestHistory history,
            RequestNotices notices,
            Audit audit,
            Event<RequestMetrics.Outcome> outcomes,
            Clock clock) {
        this.requests = requests;
        this.kinds = kinds;
        this.approvals = approvals;
        this.history = history;
        this.notices = notices;
        this.audit = audit;
        this.outcomes = outcomes;
        this.clock = clock;
    }

    /** What of a request can be offered otherwise; empty when nothing can. */
    @Transactional
    public List<Request.Part> parts(Caller caller, UUID id) {
        RequestEntity request = requests.visible(caller, id);
        return request.state == RequestState.PENDING ? kinds.of(request).parts(request) : List.of();
    }

    /**
     * Says yes to something else.
     *
     * @param values by the name of the part; one that is left out or empty stays as it was asked for
     * @param message what the requester reads, or empty
     */
    @Transactional
    public Request offer(Caller caller, UUID id, Map<String, String> values, String message) {
        RequestEntity request = approvals.forDecision(caller, id);
        if (request.needs == Deciders.BOTH) {
            throw ProblemException.conflict(
                    "owner-first",
                    "This request needs an owner's yes and then an admin's. Once the owner has said yes, an admin can offer"
                            + " something else.");
        }
        String words = message == null ? "" : message.strip();
        Map<String, String> chosen = new TreeMap<>();
        values.forEach((name, value) -> {
            if (value != null && !value.isBlank()) {
                chosen.put(name, value.strip());
            }
        });
        List<String> names = kinds.of(request).parts(request).stream()
                .map(Request.Part::name)
                .toList();
        Checks checks = new Checks().text("message", words, Ask.MAX_REASON);
        chosen.keySet().forEach(name -> checks.require(name, names.contains(name), "This can't be changed."));
        checks.throwIfAny();
        List<Request.Fact> before = request.facts();
        kinds.of(request).change(request, chosen);
        request.changes = changes(before, request.facts());
        if (request.changes.isEmpty()) {
            throw ProblemException.invalid("message", "This is what was asked for. Change something, or approve it.");
        }
        request.decide(RequestState.OFFERED, caller.username(), clock.instant(), words);
        history.note(request, RequestEvent.Deed.OFFERED, caller.username(), text(request, words));
        audit.record(
                caller,
                "request.offer",
                request.subject(),
                Audit.change(
                        request.changes.stream()
                                .collect(Collectors.toMap(Request.Change::label, Request.Change::before)),
                        request.changes.stream()
                                .collect(Collectors.toMap(Request.Change::label, Request.Change::after)),
                        Map.of("message", words)));
        notices.toRequester(
                request,
                "offered",
                request.name + " is offered with changes",
                "%s says yes to something else: %s Accept it, or withdraw your request."
                        .formatted(caller.username(), text(request, words)));
        outcomes.fire(RequestMetrics.Outcome.OFFERED);
        return request.toRequest();
    }

    private static List<Request.Change> changes(List<Request.Fact> before, List<Request.Fact> after) {
        Map<String, String> was =
                before.stream().collect(Collectors.toMap(Request.Fact::label, Request.Fact::value, (one, two) -> one));
        List<Request.Change> changes = new ArrayList<>();
        for (Request.Fact fact : after) {
            String old = was.getOrDefault(fact.label(), "");
            if (!old.equals(fact.value())) {
                changes.add(new Request.Change(fact.label(), old, fact.value()));
            }
        }
        return changes;
    }

    private static String text(RequestEntity request, String words) {
        String changed = request.changes.stream()
                .map(change -> "%s: %s instead of %s.".formatted(change.label(), change.after(), change.before()))
                .collect(Collectors.joining(" "));
        return words.isEmpty() ? changed : changed + " " + words;
    }

    /** The requester takes what is offered: from now on it is as if that had been asked for and approved. */
    @Transactional
    public Request accept(Caller caller, UUID id) {
        RequestEntity request = requests.locked(caller, id, RequestState.OFFERED);
        if (!request.requesterId.equals(caller.userId())) {
            throw ProblemException.forbidden("Only %s, who asked, can accept this.".formatted(request.requesterName));
        }
        history.note(request, RequestEvent.Deed.ACCEPTED, caller.username(), "");
        audit.record(caller, "request.accept", request.subject(), Map.of("offeredBy", request.decidedBy));
        approvals.accepted(caller, request);
        return request.toRequest();
    }
}
