package dev.berth.requests;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import dev.berth.tenancy.Tenants;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.Map;
import java.util.UUID;

/** What is said about a waiting request before it is decided on, and who shall look at it. */
@ApplicationScoped
public class RequestTalk {
    private final RequestRepository requests;
    private final Approvals approvals;
    private final RequestHistory history;
    private final RequestNotices notices;
    private final Tenants tenants;
    private final Audit audit;
    private final Clock clock;

    RequestTalk(
            RequestRepository requests,
            Approvals approvals,
            RequestHistory history,
            RequestNotices notices,
            Tenants tenants,
            Audit audit,
            Clock clock) {
        this.requests = requests;
        this.approvals = approvals;
        this.history = history;
        this.notices = notices;
        this.tenants = tenants;
        this.audit = audit;
        this.clock = clock;
    }

    /** A decider wants to know more. The request waits on, for the requester's answer. */
    @Transactional
    public Request askBack(Caller caller, UUID id, String question) {
        RequestEntity request = approvals.forDecision(caller, id);
        String text = text("question", question);
        request.askedBack = true;
        history.note(request, RequestEvent.Deed.ASKED_BACK, caller.username(), text);
        audit.record(caller, "request.ask-back", request.subject(), Map.of("question", text));
        notices.toRequester(
                request,
                step("question"),
                "A question about " + request.name,
                "%s asks: %s".formatted(caller.username(), text));
        return request.toRequest();
    }

    /** The requester, or another member of the team, answers. */
    @Transactional
    public Request answer(Caller caller, UUID id, String answer) {
        RequestEntity request = requests.forDecision(caller, id);
        if (!caller.tenants().containsKey(request.tenantId)) {
            throw ProblemException.forbidden("Only a member of %s can answer.".formatted(request.tenantSlug));
        }
        String text = text("answer", answer);
        request.askedBack = false;
        history.note(request, RequestEvent.Deed.ANSWERED, caller.username(), text);
        audit.record(caller, "request.answer", request.subject(), Map.of("answer", text));
        String title = "An answer about " + request.name;
        String words = "%s answers: %s".formatted(caller.username(), text);
        if (request.assigneeId == null) {
            notices.toDeciders(request, step("answer"), title, words);
        } else {
            notices.toPerson(request.assigneeId, request, step("answer"), title, words);
        }
        return request.toRequest();
    }

    /**
     * Says who shall look at it. Others may still answer.
     *
     * @param username of somebody who may answer it, or empty for nobody in particular
     */
    @Transactional
    public Request assign(Caller caller, UUID id, String username) {
        RequestEntity request = approvals.forDecision(caller, id);
        String name = username == null ? "" : username.strip();
        if (name.isEmpty()) {
            audit(caller, request, null);
            request.assigneeId = null;
            request.assigneeName = null;
            return request.toRequest();
        }
        Caller assignee = decider(request, name);
        audit(caller, request, name);
        request.assigneeId = assignee.userId();
        request.assigneeName = name;
        history.note(request, RequestEvent.Deed.ASSIGNED, caller.username(), name);
        if (!assignee.userId().equals(caller.userId())) {
            notices.toPerson(
                    assignee.userId(),
                    request,
                    step("assigned"),
                    request.name + " is yours to look at",
                    "%s asks you to answer: %s.".formatted(caller.username(), request.summary()));
        }
        return request.toRequest();
    }

    private Caller decider(RequestEntity request, String username) {
        ProblemException unknown = ProblemException.invalid(
                "assignee", "Choose somebody who may answer this request: it needs " + request.needs.label() + ".");
        Caller assignee;
        try {
            assignee = tenants.caller(username, "");
        } catch (ProblemException e) {
            throw unknown;
        }
        if (!request.needs.may(assignee, request.tenantId)) {
            throw unknown;
        }
        return assignee;
    }

    private void audit(Caller caller, RequestEntity request, String name) {
        audit.record(
                caller,
                "request.assign",
                request.subject(),
                Audit.change(
                        request.assigneeName == null ? Map.of() : Map.of("assignee", request.assigneeName),
                        name == null ? Map.of() : Map.of("assignee", name)));
    }

    /** Each time is told of anew. */
    private String step(String word) {
        return word + "-" + clock.instant().toEpochMilli();
    }

    private static String text(String field, String text) {
        new Checks().said(field, text, Ask.MAX_REASON, "Write something.").throwIfAny();
        return text.strip();
    }
}
