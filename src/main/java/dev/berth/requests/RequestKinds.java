package dev.berth.requests;

import io.quarkus.arc.All;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.DiscriminatorValue;
import java.util.List;
import java.util.Optional;

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

    /** What the rows of one kind are. */
    Optional<Class<?>> entity(Request.Kind kind) {
        for (RequestKind<?> one : kinds) {
            if (one.entity().getAnnotation(DiscriminatorValue.class).value().equals(kind.name())) {
                return Optional.of(one.entity());
            }
        }
        return Optional.empty();
    }
}
