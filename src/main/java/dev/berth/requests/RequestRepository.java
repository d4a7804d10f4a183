package dev.berth.requests;

import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

@ApplicationScoped
class RequestRepository implements PanacheRepositoryBase<RequestEntity, UUID> {
    /** The states of {@link RequestState#open}. */
    static final List<RequestState> OPEN =
            Arrays.stream(RequestState.values()).filter(RequestState::open).toList();

    RequestEntity visible(Caller caller, UUID id) {
        return findByIdOptional(id)
                .filter(request -> caller.sees(request.tenantId))
                .orElseThrow(() -> ProblemException.notFound("request"));
    }

    /**
     * What this person's form made when it was sent before. Held to the end: of two who send one at once the second sees
     * what the first made.
     *
     * @param formToken null for a form that may be sent twice
     */
    Optional<Request> sentBefore(Caller caller, UUID formToken) {
        if (formToken == null) {
            return Optional.empty();
        }
        getEntityManager()
                .createNativeQuery("select pg_advisory_xact_lock(hashtextextended(:token, 2))", Object.class)
                .setParameter("token", caller.userId() + ":" + formToken)
                .getSingleResult();
        return find("requesterId = ?1 and formToken = ?2", caller.userId(), formToken)
                .firstResultOptional()
                .map(RequestEntity::toRequest);
    }

    /** The open request of this kind about a machine, if the caller may see it. */
    Optional<Request> openAbout(Caller caller, UUID machineId, Class<? extends RequestEntity> kind) {
        return find("from " + kind.getSimpleName() + " where machineId = ?1 and state in ?2", machineId, OPEN)
                .firstResultOptional()
                .filter(request -> caller.sees(request.tenantId))
                .map(RequestEntity::toRequest);
    }

    /** How many open requests there are for a machine of this name. */
    long openMachine(UUID tenantId, String name) {
        return count(
                "from MachineRequestEntity where tenantId = ?1 and name = ?2 and state in ?3", tenantId, name, OPEN);
    }

    /** The open request for a proposed revision, locked. */
    Optional<RequestEntity> openProposal(UUID revisionId) {
        return getEntityManager()
                .createQuery(
                        "select id from TemplateRequestEntity where revisionId = :revision and state = :open",
                        UUID.class)
                .setParameter("revision", revisionId)
                .setParameter("open", RequestState.PENDING)
                .getResultList()
                .stream()
                .flatMap(id -> locked(id).stream())
                .filter(request -> request.state == RequestState.PENDING)
                .findFirst();
    }

    /** How many open requests of a tenant there are for machines of these revisions. */
    long openMachines(UUID tenantId, Collection<UUID> revisionIds) {
        return revisionIds.isEmpty()
                ? 0
                : count(
                        "from MachineRequestEntity where tenantId = ?1 and revisionId in ?2 and state in ?3",
                        tenantId,
                        revisionIds,
                        OPEN);
    }

    /** The waiting request, locked for a decision. Of two who decide at once, the second sees what the first did. */
    RequestEntity forDecision(Caller caller, UUID id) {
        return locked(caller, id, RequestState.PENDING);
    }

    /** The request in one of these states, locked. */
    RequestEntity locked(Caller caller, UUID id, RequestState... states) {
        RequestEntity request = locked(id)
                .filter(found -> caller.sees(found.tenantId))
                .orElseThrow(() -> ProblemException.notFound("request"));
        if (!List.of(states).contains(request.state)) {
            throw ProblemException.conflict("already-decided", whyNot(request));
        }
        return request;
    }

    /** The row first and what it says after: a kind's columns come by an outer join, which can't be locked. */
    private Optional<RequestEntity> locked(UUID id) {
        getEntityManager()
                .createNativeQuery("select 1 from request where id = :id for no key update", Object.class)
                .setParameter("id", id)
                .getResultList();
        Optional<RequestEntity> request = findByIdOptional(id);
        request.ifPresent(getEntityManager()::refresh);
        return request;
    }

    private static String whyNot(RequestEntity request) {
        return switch (request.state) {
            case PENDING -> "There is no offer to answer: the request waits for " + request.needs.label() + ".";
            case OFFERED ->
                "%s offered this request with changes; it waits for the requester's answer."
                        .formatted(request.decidedBy);
            default ->
                "This request is no longer open: it was %s by %s."
                        .formatted(request.state.participle(), request.decidedBy);
        };
    }
}
