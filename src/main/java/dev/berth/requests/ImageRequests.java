package dev.berth.requests;

import dev.berth.catalog.ImageUse;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/** Which open requests ask for machines from an image. */
@ApplicationScoped
public class ImageRequests implements ImageUse {
    private static final String OPEN = "from MachineRequestEntity where state in ?1 and revisionId in ?2";

    private final RequestRepository requests;

    ImageRequests(RequestRepository requests) {
        this.requests = requests;
    }

    @Override
    @Transactional
    public List<Dependents> of(UUID imageId, Collection<UUID> revisionIds, int limit) {
        long count = requests.count(OPEN, RequestRepository.OPEN, revisionIds);
        return count == 0
                ? List.of()
                : List.of(new Dependents(
                        Kind.REQUEST,
                        count,
                        requests
                                .find(OPEN + " order by createdAt, id", RequestRepository.OPEN, revisionIds)
                                .page(0, limit)
                                .stream()
                                .map(request ->
                                        new Dependent(request.id.toString(), request.name, request.tenantSlug, false))
                                .toList()));
    }
}
