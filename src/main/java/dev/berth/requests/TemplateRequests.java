package dev.berth.requests;

import dev.berth.audit.Audit;
import dev.berth.catalog.Revision;
import dev.berth.catalog.RevisionState;
import dev.berth.catalog.RevisionStateChanged;
import dev.berth.catalog.Templates;
import dev.berth.machines.RevisionProposed;
import dev.berth.security.Caller;
import dev.berth.security.User;
import dev.berth.security.Users;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What teams propose for templates, as requests. An admin may answer in the inbox or on the template's page: whichever
 * it is, the other follows in the same transaction.
 */
@ApplicationScoped
public class TemplateRequests implements RequestKind<TemplateRequestEntity> {
    private final RequestRepository requests;
    private final Templates templates;
    private final Users users;
    private final Approvals approvals;
    private final RequestHistory history;
    private final Audit audit;
    private final Clock clock;

    TemplateRequests(
            RequestRepository requests,
            Templates templates,
            Users users,
            Approvals approvals,
            RequestHistory history,
            Audit audit,
            Clock clock) {
        this.requests = requests;
        this.templates = templates;
        this.users = users;
        this.approvals = approvals;
        this.history = history;
        this.audit = audit;
        this.clock = clock;
    }

    @Transactional(Transactional.TxType.MANDATORY)
    void proposed(@Observes RevisionProposed proposal) {
        User requester = users.find(proposal.by()).orElseThrow();
        Revision revision = proposal.revision();
        TemplateRequestEntity request = new TemplateRequestEntity();
        Caller proposer = new Caller(requester.id(), requester.username(), false, Map.of(), "worker");
        request.asked(proposer, proposal.tenantId(), proposal.tenantSlug(), proposal.templateSlug(), clock.instant());
        request.reason = "";
        request.whyApproval = "a new revision of a template";
        request.revisionId = revision.id();
        request.templateSlug = proposal.templateSlug();
        request.templateName = templates.nameOf(revision.templateId());
        request.revisionNumber = revision.number();
        request.imageName = revision.boot().image().name();
        request.origin = proposal.origin();
        request.notes = revision.notes();
        approvals.open(
                proposer, request, Map.of("template", request.templateSlug, "revision", request.revisionNumber), false);
    }

    /** The revisions that open requests propose. */
    @Transactional
    public Set<UUID> proposedRevisions() {
        return requests
                .find("from TemplateRequestEntity where state = ?1", RequestState.PENDING)
                .<TemplateRequestEntity>stream()
                .map(request -> request.revisionId)
                .collect(Collectors.toSet());
    }

    @Override
    public Class<TemplateRequestEntity> entity() {
        return TemplateRequestEntity.class;
    }

    @Override
    public void grant(Caller caller, TemplateRequestEntity request) {
        templates.setState(caller, request.templateSlug, request.revisionNumber, RevisionState.APPROVED);
    }

    /** Its image can be removed once the revision is retired. */
    @Override
    public void drop(TemplateRequestEntity request) {
        if (templates.stateOf(request.revisionId) == RevisionState.IN_REVIEW) {
            templates.setState(
                    Caller.system("request"), request.templateSlug, request.revisionNumber, RevisionState.RETIRED);
        }
    }

    void changed(@Observes RevisionStateChanged change) {
        if (change.state() != RevisionState.APPROVED && change.state() != RevisionState.RETIRED) {
            return;
        }
        requests.openProposal(change.revisionId()).ifPresent(request -> {
            boolean yes = change.state() == RevisionState.APPROVED;
            request.decide(
                    yes ? RequestState.APPROVED : RequestState.DENIED,
                    change.by().username(),
                    clock.instant(),
                    yes ? "" : "The revision was retired.");
            history.note(
                    request,
                    yes ? RequestEvent.Deed.APPROVED : RequestEvent.Deed.DENIED,
                    change.by().username(),
                    request.decisionReason);
            audit.record(change.by(), yes ? "request.approve" : "request.deny", request.subject(), Map.of());
        });
    }
}
