package dev.berth.requests;

import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** What happened to each request, for its page. The audit log has the same and more, for admins. */
@ApplicationScoped
public class RequestHistory {
    @ApplicationScoped
    static class EventRepository implements PanacheRepositoryBase<RequestEventEntity, Long> {}

    private final EventRepository events;
    private final RequestRepository requests;
    private final Clock clock;

    RequestHistory(EventRepository events, RequestRepository requests, Clock clock) {
        this.events = events;
        this.requests = requests;
        this.clock = clock;
    }

    /** Oldest first, beginning with the ask. */
    @Transactional
    public List<RequestEvent> of(Caller caller, UUID id) {
        RequestEntity request = requests.visible(caller, id);
        List<RequestEvent> all = new ArrayList<>();
        all.add(new RequestEvent(request.createdAt, RequestEvent.Deed.ASKED, request.requesterName, request.reason));
        events.find("requestId = ?1 order by id", id).stream()
                .map(RequestEventEntity::toEvent)
                .forEach(all::add);
        return all;
    }

    /** Writes down what happened just now, in the transaction in which it did. */
    void note(RequestEntity request, RequestEvent.Deed deed, String by, String message) {
        RequestEventEntity event = new RequestEventEntity();
        event.requestId = request.id;
        event.at = clock.instant();
        event.deed = deed;
        event.username = by;
        event.message = message;
        events.persist(event);
        request.movedAt = event.at;
    }
}
