package dev.berth.requests;

import io.quarkus.arc.All;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Finds what brings a request about. */
@ApplicationScoped
class RequestKinds {
    private final List<RequestKind<?>> kinds;

    RequestKinds(@All List<RequestKind<?>> kinds) {
        this.kinds = kinds;
    }

    @SuppressWarnings("unchecked")
    RequestKind<RequestEntity> of(RequestEntity request) {
        return (RequestKind<RequestEntity>) kinds.stream()
                .filter(kind -> kind.entity().isInstance(request))
                .findFirst()
                .orElseThrow();
    }
}
