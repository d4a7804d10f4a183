package dev.berth.requests;

import dev.berth.audit.Audit;
import dev.berth.security.Caller;
import dev.berth.tenancy.Resource;
import jakarta.persistence.DiscriminatorColumn;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Inheritance;
import jakarta.persistence.InheritanceType;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/**
 * What every request has, whatever it asks for. Another kind is one subclass with a table of its own, which says what
 * is asked, and one {@link RequestKind}, which brings it about.
 */
@Entity
@Table(name = "request")
@Inheritance(strategy = InheritanceType.JOINED)
@DiscriminatorColumn(name = "kind")
abstract class RequestEntity {
    @Id
    UUID id;

    UUID tenantId;
    String tenantSlug;
    UUID requesterId;
    String requesterName;

    /** What it is about, in one word: the machine's name, the team's, the template's. */
    String name;

    /** The machine that it becomes or that it is about, or null. */
    UUID machineId;

    String reason;

    @Enumerated(EnumType.STRING)
    RequestState state = RequestState.PENDING;

    @Enumerated(EnumType.STRING)
    Deciders needs = Deciders.ADMIN;

    /** The owner who said yes, while an admin has yet to; or null. */
    String endorsedBy;

    String whyApproval = "";
    String decidedBy;
    Instant decidedAt;
    String decisionReason = "";
    UUID formToken;
    Instant createdAt;

    /** When something last happened to it, or null: nothing has since it was asked for. */
    Instant movedAt;

    /** What an offer changes of the ask. */
    @JdbcTypeCode(SqlTypes.JSON)
    List<Request.Change> changes = List.of();

    /** Whether a decider waits for the requester's answer. */
    boolean askedBack;

    /** The decider who shall look at it, or null. */
    UUID assigneeId;

    String assigneeName;

    abstract Request.Kind kind();

    /** What is asked for, in one line. */
    abstract String summary();

    /** What is asked for, as the decider and the requester read it. */
    abstract List<Request.Fact> facts();

    /** What it takes from the quota, for the bars. */
    abstract Map<Resource, Long> amounts();

    /** Where that which came of it, or which it is about, is to be seen. */
    abstract String path();

    /** What only a request for a machine has. */
    Request.MachineAsk machineAsk() {
        return null;
    }

    /** Who asks, for which team, what it is about and when. */
    void asked(Caller caller, UUID tenant, String slug, String about, Instant at) {
        id = UUID.randomUUID();
        tenantId = tenant;
        tenantSlug = slug;
        requesterId = caller.userId();
        requesterName = caller.username();
        name = about;
        createdAt = at;
    }

    void decide(RequestState newState, String by, Instant at, String why) {
        state = newState;
        decidedBy = by;
        decidedAt = at;
        decisionReason = why;
        askedBack = false;
    }

    Audit.Subject subject() {
        return new Audit.Subject("request", id, name, tenantId, tenantSlug);
    }

    Request toRequest() {
        return new Request(
                id,
                kind(),
                tenantId,
                tenantSlug,
                requesterId,
                requesterName,
                name,
                machineId,
                summary(),
                facts(),
                amounts(),
                path(),
                reason,
                state,
                needs,
                endorsedBy,
                whyApproval,
                decidedBy,
                decidedAt,
                decisionReason,
                createdAt,
                changes,
                askedBack,
                assigneeId,
                assigneeName,
                machineAsk());
    }
}
