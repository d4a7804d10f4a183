package dev.berth.requests;

import dev.berth.tenancy.LedgerSource;
import dev.berth.tenancy.QuotaLine;
import dev.berth.tenancy.Resource;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What open requests hold, as the ledger should have it. */
@ApplicationScoped
class RequestLedger implements LedgerSource {
    private final RequestRepository requests;

    RequestLedger(RequestRepository requests) {
        this.requests = requests;
    }

    @Override
    public List<Fact> facts(UUID tenantId) {
        List<Fact> facts = new ArrayList<>();
        open().filter(request -> tenantId == null || tenantId.equals(request.tenantId))
                .filter(MachineRequestEntity.class::isInstance)
                .map(MachineRequestEntity.class::cast)
                .forEach(request -> {
                    for (Map.Entry<Resource, Long> each : request.amounts().entrySet()) {
                        add(facts, request, QuotaLine.of(each.getKey()), each.getValue());
                    }
                    if (request.storageProfileId != null) {
                        add(
                                facts,
                                request,
                                QuotaLine.storage(request.storageProfileId, request.storageSlug),
                                request.diskGib);
                    }
                    add(facts, request, QuotaLine.addresses(request.networkProfileId, request.networkSlug), 1);
                });
        return facts;
    }

    private static void add(List<Fact> facts, MachineRequestEntity request, QuotaLine line, long amount) {
        if (amount > 0) {
            facts.add(new Fact(
                    request.machineId,
                    request.tenantId,
                    line,
                    amount,
                    amount,
                    true,
                    request.requesterId,
                    "the open request for " + request.name));
        }
    }

    /** Who asked for something else than a machine, or is offered something else than was asked for. */
    @Override
    public Set<UUID> comers() {
        return open().filter(
                        request -> !(request instanceof MachineRequestEntity) || request.state == RequestState.OFFERED)
                .flatMap(request -> Stream.of(request.id, request.machineId))
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }

    private Stream<RequestEntity> open() {
        return requests.list("state in ?1", List.of(RequestState.PENDING, RequestState.OFFERED)).stream();
    }
}
