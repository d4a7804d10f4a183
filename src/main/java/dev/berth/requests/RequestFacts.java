package dev.berth.requests;

import dev.berth.machines.MachineFigures;
import dev.berth.machines.Placement;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** What a decider wants to know beside the ask, for several requests at once. */
@ApplicationScoped
public class RequestFacts {
    private final RequestRepository requests;
    private final MachineFigures figures;
    private final Placement placement;

    RequestFacts(RequestRepository requests, MachineFigures figures, Placement placement) {
        this.requests = requests;
        this.figures = figures;
        this.placement = placement;
    }

    /** Those who asked, by their ids; two queries, however many there are. */
    @Transactional
    public Map<UUID, Requester> requesters(Collection<Request> several) {
        Set<UUID> ids = several.stream().map(Request::requesterId).collect(Collectors.toSet());
        if (ids.isEmpty()) {
            return Map.of();
        }
        Map<UUID, Map<RequestState, Long>> counts = new HashMap<>();
        requests.getEntityManager()
                .createQuery(
                        "select requesterId, state, count(*) from RequestEntity where requesterId in :ids"
                                + " group by requesterId, state",
                        Object[].class)
                .setParameter("ids", ids)
                .getResultList()
                .forEach(row -> counts.computeIfAbsent((UUID) row[0], id -> new HashMap<>())
                        .put((RequestState) row[1], (Long) row[2]));
        Map<UUID, Long> owned = figures.owned(ids);
        return ids.stream()
                .collect(Collectors.toMap(
                        id -> id, id -> requester(counts.getOrDefault(id, Map.of()), owned.getOrDefault(id, 0L))));
    }

    private static Requester requester(Map<RequestState, Long> counts, long machines) {
        return new Requester(
                counts.values().stream().mapToLong(Long::longValue).sum(),
                counts.getOrDefault(RequestState.APPROVED, 0L),
                counts.getOrDefault(RequestState.DENIED, 0L),
                machines);
    }

    /** Where the machines that are asked for would be placed now, by the request's id; nothing for clones and other kinds. */
    @Transactional
    public Map<UUID, Placement.Answer> places(Caller caller, Collection<Request> several) {
        Set<UUID> ids = several.stream()
                .filter(request -> request.kind() == Request.Kind.MACHINE && request.open())
                .filter(request -> caller.sees(request.tenantId()))
                .map(Request::id)
                .collect(Collectors.toSet());
        if (ids.isEmpty()) {
            return Map.of();
        }
        Placement.Look look = placement.look();
        Map<UUID, Placement.Answer> places = new HashMap<>();
        for (RequestEntity row : requests.list("id in ?1", ids)) {
            if (row instanceof MachineRequestEntity request && request.snapshotId == null) {
                places.put(
                        request.id,
                        look.place(
                                request.vcpus,
                                request.memoryMib,
                                request.diskGib,
                                request.networkProfileId,
                                request.storageProfileId));
            }
        }
        return places;
    }
}
