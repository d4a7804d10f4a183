package dev.berth.requests;

import dev.berth.common.Notice;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.util.UUID;

/** Tells those whom a request waits for, and those who wait for it. */
@ApplicationScoped
class RequestNotices {
    private final Event<Notice> notices;

    RequestNotices(Event<Notice> notices) {
        this.notices = notices;
    }

    /** Whoever has to say yes next. */
    void toDeciders(RequestEntity request) {
        toDeciders(
                request,
                "needs-" + request.needs.name().toLowerCase(java.util.Locale.ROOT),
                "%s of %s asks: %s".formatted(request.requesterName, request.tenantSlug, request.name),
                "%s. It needs %s.".formatted(request.summary(), request.needs.label()));
    }

    void toDeciders(RequestEntity request, String step, String title, String text) {
        Notice.Audience audience = request.needs == Deciders.ADMIN
                ? new Notice.Audience.Admins()
                : new Notice.Audience.Owners(request.tenantId);
        tell(audience, request, Notice.Topic.REQUEST, step, title, text);
    }

    /** @param step what happened, in one word: one person is told of it once */
    void toRequester(RequestEntity request, String step, String title, String text) {
        tell(new Notice.Audience.Person(request.requesterId), request, Notice.Topic.DECISION, step, title, text);
    }

    void toPerson(UUID userId, RequestEntity request, String step, String title, String text) {
        tell(new Notice.Audience.Person(userId), request, Notice.Topic.REQUEST, step, title, text);
    }

    private void tell(
            Notice.Audience audience,
            RequestEntity request,
            Notice.Topic topic,
            String step,
            String title,
            String text) {
        notices.fire(new Notice(
                topic,
                audience,
                "request:%s:%s".formatted(request.id, step),
                title,
                text,
                "/t/%s/requests/%s".formatted(request.tenantSlug, request.id)));
    }
}
