package dev.berth.requests;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;

/** Counts what becomes of requests: {@code berth_requests_total} by outcome. Only what was committed counts. */
@ApplicationScoped
class RequestMetrics {
    /** What became of a request just now. */
    enum Outcome {
        CREATED,
        APPROVED_BY_POLICY,
        APPROVED,
        OFFERED,
        DENIED,
        WITHDRAWN,
        EXPIRED
    }

    private final MeterRegistry registry;

    RequestMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void count(@Observes(during = TransactionPhase.AFTER_SUCCESS) Outcome outcome) {
        registry.counter("berth_requests", "outcome", outcome.name().toLowerCase(java.util.Locale.ROOT))
                .increment();
    }
}
