package dev.berth.requests;

import dev.berth.audit.Audit;
import dev.berth.common.BerthConfig;
import dev.berth.common.ProblemException;
import dev.berth.common.Rounds;
import dev.berth.security.Caller;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Closes requests that have waited too long, so that they don't hold what others could use. That several web processes
 * do is harmless: each request's row is locked and looked at again.
 */
@ApplicationScoped
public class RequestExpiry {
    private static final Logger LOG = Logger.getLogger(RequestExpiry.class);
    private static final int AT_ONCE = 200;
    private static final String DUE = "state in ?1 and coalesce(movedAt, createdAt) < ?2";

    private final BerthConfig berth;
    private final RequestsConfig config;
    private final RequestRepository requests;
    private final Approvals approvals;
    private final RequestNotices notices;
    private final Audit audit;
    private final Event<RequestMetrics.Outcome> outcomes;
    private final Clock clock;
    private final Rounds rounds = new Rounds("request-expiry");

    RequestExpiry(
            BerthConfig berth,
            RequestsConfig config,
            RequestRepository requests,
            Approvals approvals,
            RequestNotices notices,
            Audit audit,
            Event<RequestMetrics.Outcome> outcomes,
            Clock clock) {
        this.berth = berth;
        this.config = config;
        this.requests = requests;
        this.approvals = approvals;
        this.notices = notices;
        this.audit = audit;
        this.outcomes = outcomes;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        if (berth.web()) {
            rounds.every(config.lookInterval(), this::look, "Requests that have waited too long stay open for now");
        }
    }

    void stop(@Observes ShutdownEvent event) {
        rounds.close();
    }

    /** Closes those that are due now. */
    void look() {
        List<UUID> due = QuarkusTransaction.requiringNew()
                .call(() ->
                        requests
                                .find(DUE + " order by createdAt", RequestRepository.OPEN, latest())
                                .page(0, AT_ONCE)
                                .stream()
                                .map(request -> request.id)
                                .toList());
        for (UUID id : due) {
            try {
                QuarkusTransaction.requiringNew().run(() -> expire(id));
            } catch (ProblemException e) {
                LOG.debugf("Request %s was decided on just now: %s", id, e.getMessage());
            } catch (RuntimeException e) {
                LOG.warnf("Request %s stays open until the next look: %s", id, e.getMessage());
            }
        }
    }

    private Instant latest() {
        return clock.instant().minus(config.expireAfter());
    }

    private void expire(UUID id) {
        Caller berthItself = Caller.system("expiry");
        RequestEntity request = requests.locked(berthItself, id, RequestState.PENDING, RequestState.OFFERED);
        Instant last = request.movedAt == null ? request.createdAt : request.movedAt;
        if (!last.isBefore(latest())) {
            return;
        }
        boolean offered = request.state == RequestState.OFFERED;
        String why = offered
                ? "What %s offered was not accepted in time.".formatted(request.decidedBy)
                : "Nobody decided on it in time. You can ask again.";
        approvals.close(berthItself, request, RequestState.EXPIRED, RequestEvent.Deed.EXPIRED, why);
        audit.record(berthItself, "request.expire", request.subject(), Map.of("reason", why));
        notices.toRequester(request, "expired", request.name + " was closed unanswered", why);
        outcomes.fire(RequestMetrics.Outcome.EXPIRED);
    }
}
