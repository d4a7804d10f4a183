package dev.berth.notices;

import dev.berth.common.Cursor;
import dev.berth.common.Notice;
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

/** What the caller was told by the bell; each person sees their own. */
@ApplicationScoped
public class Notices {
    /** From here on it is "many". */
    private static final int COUNTED = 100;

    @ApplicationScoped
    static class NoticeRepository implements PanacheRepositoryBase<NoticeEntity, UUID> {}

    private final NoticeRepository notices;
    private final Clock clock;

    Notices(NoticeRepository notices, Clock clock) {
        this.notices = notices;
        this.clock = clock;
    }

    /** How many are unread, counted up to 100. */
    @Transactional
    public int unread(Caller caller) {
        return ((Number) notices.getEntityManager()
                        .createNativeQuery(
                                """
                                select count(*) from (select 1 from notice where user_id = :user and bell and read_at is null
                                                       limit :most) counted""")
                        .setParameter("user", caller.userId())
                        .setParameter("most", COUNTED)
                        .getSingleResult())
                .intValue();
    }

    /** Newest first. */
    @Transactional
    public Page<Told> list(Caller caller, boolean unreadOnly, int limit, String cursorText) {
        List<String> where = new ArrayList<>(List.of("userId = :user and bell = true"));
        Map<String, Object> parameters = new HashMap<>(Map.of("user", caller.userId()));
        if (unreadOnly) {
            where.add("readAt is null");
        }
        Cursor cursor = Cursor.decode(cursorText);
        if (cursor != null) {
            where.add("(createdAt < :at or (createdAt = :at and id > :id))");
            parameters.put("at", cursor.instant());
            parameters.put("id", cursor.uuid());
        }
        List<Told> rows = notices
                .find(String.join(" and ", where) + " order by createdAt desc, id", parameters)
                .page(0, limit + 1)
                .list()
                .stream()
                .map(NoticeEntity::toTold)
                .toList();
        return Page.of(
                rows,
                limit,
                told -> new Cursor(told.createdAt().toString(), told.id().toString()));
    }

    /** Whoever has seen it: nothing happens when it is read already. */
    @Transactional
    public Told read(Caller caller, UUID id) {
        NoticeEntity notice = notices.findByIdOptional(id)
                .filter(one -> one.userId.equals(caller.userId()) && one.bell)
                .orElseThrow(() -> ProblemException.notFound("notice"));
        if (notice.readAt == null) {
            notice.readAt = clock.instant();
        }
        return notice.toTold();
    }

    @Transactional
    public void readAll(Caller caller) {
        notices.update(
                "readAt = ?1 where userId = ?2 and bell = true and readAt is null", clock.instant(), caller.userId());
    }

    /** What a title is for people who choose topics. */
    public static String words(Notice.Topic topic) {
        return switch (topic) {
            case REQUEST -> "Requests that wait for your decision";
            case DECISION -> "Decisions on what you asked for";
            case LEASE -> "Leases that end";
            case QUOTA -> "Quotas and limits";
            case TEMPLATE -> "Templates: reviews, deprecations";
            case IMAGE -> "Images that are quarantined";
            case MACHINE -> "Machines that failed";
            case STORAGE -> "Storage that is lost";
        };
    }
}
