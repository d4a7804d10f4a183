package dev.berth.audit;

import dev.berth.common.Cursor;
import dev.berth.common.Like;
import dev.berth.common.Page;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.Logger;

/** The audit log. A change and its row are one transaction: {@link #record} must be called inside it. */
@ApplicationScoped
public class Audit {
    private static final Logger LOG = Logger.getLogger("dev.berth.audit");

    @ApplicationScoped
    static class AuditRepository implements PanacheRepositoryBase<AuditEntity, Long> {}

    /** What the change was made to. */
    public record Subject(String type, Object id, String name, UUID tenantId, String tenantSlug) {
        public static Subject global(String type, Object id, String name) {
            return new Subject(type, id, name, null, "");
        }
    }

    /** What an admin looks for; null or empty means any. */
    public record Filter(String username, String action, String subjectId) {
        public static final Filter ANY = new Filter(null, null, null);
    }

    private final AuditRepository events;
    private final Clock clock;

    Audit(AuditRepository events, Clock clock) {
        this.events = events;
        this.clock = clock;
    }

    /**
     * @param action what was done, as {@code subject.verb}: {@code machine.start}
     * @param detail facts worth keeping; never a secret
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public void record(Caller caller, String action, Subject subject, Map<String, ?> detail) {
        AuditEntity event = new AuditEntity();
        event.at = clock.instant();
        event.userId = caller.isSystem() ? null : caller.userId();
        event.username = caller.username();
        event.source = caller.source();
        event.tenantId = subject.tenantId();
        event.tenantSlug = subject.tenantSlug();
        event.action = action;
        event.subjectType = subject.type();
        event.subjectId = String.valueOf(subject.id());
        event.subjectName = subject.name();
        event.detail = Map.copyOf(detail);
        events.persist(event);
        LOG.infof("%s by %s: %s %s", action, event.username, event.subjectType, event.subjectId);
    }

    /** Newest first; for admins. */
    @Transactional
    public Page<AuditEvent> list(Caller caller, Filter filter, int limit, String cursor) {
        caller.requireAdmin();
        return find(null, filter, limit, cursor);
    }

    /** What was done in one tenant, newest first; for those who belong to it. */
    @Transactional
    public Page<AuditEvent> ofTenant(Caller caller, UUID tenantId, Filter filter, int limit, String cursor) {
        if (!caller.sees(tenantId)) {
            throw ProblemException.notFound("tenant");
        }
        return find(tenantId, filter, limit, cursor);
    }

    private Page<AuditEvent> find(UUID tenantId, Filter filter, int limit, String cursor) {
        List<String> where = new ArrayList<>(List.of("1 = 1"));
        Map<String, Object> parameters = new HashMap<>();
        if (tenantId != null) {
            where.add("tenantId = :tenant");
            parameters.put("tenant", tenantId);
        }
        if (present(filter.username())) {
            where.add("username = :username");
            parameters.put("username", filter.username());
        }
        if (present(filter.action())) {
            where.add("action like :action escape '!'");
            parameters.put("action", Like.beginning(filter.action()));
        }
        if (present(filter.subjectId())) {
            where.add("subjectId = :subject");
            parameters.put("subject", filter.subjectId());
        }
        Cursor after = Cursor.decode(cursor);
        if (after != null) {
            where.add("id < :after");
            parameters.put("after", after.number());
        }
        List<AuditEvent> rows =
                events
                        .find(String.join(" and ", where) + " order by id desc", parameters)
                        .page(0, limit + 1)
                        .list()
                        .stream()
                        .map(AuditEntity::toEvent)
                        .toList();
        return Page.of(rows, limit, event -> new Cursor("", Long.toString(event.id())));
    }

    private static boolean present(String text) {
        return text != null && !text.isEmpty();
    }
}
