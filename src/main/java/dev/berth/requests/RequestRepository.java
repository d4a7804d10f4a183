package dev.berth.requests;

import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.Optional;
import java.util.UUID;

@ApplicationScoped
class RequestRepository implements PanacheRepositoryBase<RequestEntity, UUID> {
    RequestEntity visible(Caller caller, UUID id) {
        return findByIdOptional(id)
                .filter(request -> caller.sees(request.tenantId))
                .orElseThrow(() -> ProblemException.notFound("request"));
    }

    /** How many open requests there are for a machine of this name. */
    long openMachine(UUID tenantId, String name) {
        return count(
                "from MachineRequestEntity where tenantId = ?1 and name = ?2 and state = ?3",
                tenantId,
                name,
                RequestState.PENDING);
    }

    /** The request, locked for a decision. Of two who decide at once, the second sees what the first did. */
    RequestEntity forDecision(Caller caller, UUID id) {
        RequestEntity request = Optional.ofNullable(findById(id, LockModeType.PESSIMISTIC_WRITE))
                .filter(found -> caller.sees(found.tenantId))
                .orElseThrow(() -> ProblemException.notFound("request"));
        if (request.state != RequestState.PENDING) {
            throw ProblemException.conflict(
                    "already-decided",
                    "This request is no longer open: it was %s by %s."
                            .formatted(request.state.name().toLowerCase(java.util.Locale.ROOT), request.decidedBy));
        }
        return request;
    }
}
