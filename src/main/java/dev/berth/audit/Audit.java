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
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
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

    /**
     * What somebody looks for; null or empty means any.
     *
     * @param action what was done, or how that begins
     * @param subject the id or the name of what it was done to
     * @param tenant a tenant's short name
     * @param from the first moment that counts
     * @param until the first that no longer does
     * @param text anywhere in the names and the details
     */
    public record Filter(
            String username, String action, String subject, String tenant, Instant from, Instant until, String text) {
        public static final Filter ANY = new Filter(null, null, null, null, null, null, null);
    }

    private static final String BEFORE = "before";
    private static final String AFTER = "after";

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

    /**
     * What a change made of something, for {@link #record}: of both descriptions, the fields that differ.
     *
     * @param before empty for something new
     * @param after empty for something that is no more
     */
    public static Map<String, Object> change(Map<String, ?> before, Map<String, ?> after) {
        Map<String, Object> was = new TreeMap<>();
        Map<String, Object> is = new TreeMap<>();
        Stream.concat(before.keySet().stream(), after.keySet().stream())
                .filter(field -> !Objects.equals(before.get(field), after.get(field)))
                .forEach(field -> {
                    put(was, field, before.get(field));
                    put(is, field, after.get(field));
                });
        return Map.of(BEFORE, was, AFTER, is);
    }

    /** The same with facts that did not change beside it. */
    public static Map<String, Object> change(Map<String, ?> before, Map<String, ?> after, Map<String, ?> facts) {
        Map<String, Object> all = new HashMap<>(facts);
        all.putAll(change(before, after));
        return all;
    }

    private static void put(Map<String, Object> fields, String field, Object value) {
        if (value != null) {
            fields.put(field, value);
        }
    }

    /** Newest first; for admins. */
    @Transactional
    public Page<AuditEvent> list(Caller caller, Filter filter, int limit, String cursor) {
        caller.requireSeesAll();
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
        if (present(filter.subject())) {
            where.add("(subjectId = :subject or subjectName = :subject)");
            parameters.put("subject", filter.subject());
        }
        if (present(filter.tenant())) {
            where.add("tenantSlug = :slug");
            parameters.put("slug", filter.tenant());
        }
        if (filter.from() != null) {
            where.add("at >= :from");
            parameters.put("from", filter.from());
        }
        if (filter.until() != null) {
            where.add("at < :until");
            parameters.put("until", filter.until());
        }
        if (present(filter.text())) {
            where.add("(lower(subjectName) like :text escape '!' or lower(username) like :text escape '!'"
                    + " or lower(cast(detail as string)) like :text escape '!')");
            parameters.put("text", Like.anywhere(filter.text().toLowerCase(Locale.ROOT)));
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
