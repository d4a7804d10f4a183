package dev.berth.notices;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.berth.common.BerthConfig;
import dev.berth.common.Notice;
import dev.berth.security.Caller;
import dev.berth.security.TenantRole;
import dev.berth.security.User;
import dev.berth.security.Users;
import dev.berth.tenancy.InvitationMade;
import dev.berth.tenancy.Members;
import dev.berth.tenancy.Tenant;
import dev.berth.tenancy.Tenants;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Hears what people should be told, in the transaction that makes it so, and writes down who is told by which way. What
 * was written down already is not written again: one person is told of one key once, a webhook as well.
 */
@ApplicationScoped
public class Announcer {
    private static final Pattern TEAM_PAGE = Pattern.compile("/t/([a-z0-9-]+)(?:[/?].*)?");
    private static final int MAX_TITLE = 200;
    private static final int MAX_TEXT = 2_000;
    private static final int MAX_PATH = 500;
    private static final int MAX_KEY = 200;

    private final EntityManager em;
    private final Users users;
    private final Members members;
    private final Tenants tenants;
    private final MailConfig mail;
    private final BerthConfig berth;
    private final ObjectMapper json;
    private final Clock clock;

    Announcer(
            EntityManager em,
            Users users,
            Members members,
            Tenants tenants,
            MailConfig mail,
            BerthConfig berth,
            ObjectMapper json,
            Clock clock) {
        this.em = em;
        this.users = users;
        this.members = members;
        this.tenants = tenants;
        this.mail = mail;
        this.berth = berth;
        this.json = json;
        this.clock = clock;
    }

    @Transactional
    void hear(@Observes Notice sent) {
        Notice notice = new Notice(
                sent.topic(),
                sent.audience(),
                line(sent.key(), MAX_KEY),
                line(sent.title(), MAX_TITLE),
                text(sent.text()),
                path(sent.path()));
        Optional<UUID> tenantId = tenantId(notice);
        tellPeople(notice, people(notice.audience(), tenantId));
        tellWebhooks(notice, notice.audience() instanceof Notice.Audience.Admins ? Optional.empty() : tenantId);
    }

    /** Somebody without an account hears of it by mail or not at all. */
    @Transactional
    void hear(@Observes InvitationMade made) {
        if (mail.on()) {
            em.createNativeQuery(
                            """
                            insert into delivery (id, invitation_id, topic, key, state, due_at, created_at)
                            values (gen_random_uuid(), :invitation, :topic, :key, 'WAITING', cast(:now as timestamptz), cast(:now as timestamptz))
                            on conflict (invitation_id) do nothing""")
                    .setParameter("invitation", made.id())
                    // What it is about; nobody can have switched it off.
                    .setParameter("topic", Notice.Topic.REQUEST.name())
                    .setParameter("key", "invitation " + made.id())
                    .setParameter("now", now())
                    .executeUpdate();
        }
    }

    private List<User> people(Notice.Audience audience, Optional<UUID> tenantId) {
        if (audience instanceof Notice.Audience.Person person) {
            // Whoever has left the team hears no more of what is on its pages.
            return users.byIds(List.of(person.userId())).stream()
                    .filter(user -> tenantId.isEmpty() || user.admin() || belongs(user, tenantId.get()))
                    .toList();
        } else if (audience instanceof Notice.Audience.Owners owners) {
            return members.people(owners.tenantId(), Set.of(TenantRole.OWNER));
        } else if (audience instanceof Notice.Audience.Team team) {
            return members.people(team.tenantId(), EnumSet.allOf(TenantRole.class));
        }
        return users.admins();
    }

    private boolean belongs(User user, UUID tenantId) {
        return tenants.of(user).keySet().stream().anyMatch(tenant -> tenant.id().equals(tenantId));
    }

    /** The team whose matter it is: the one that is told, or the one on whose pages it is to be seen. */
    private Optional<UUID> tenantId(Notice notice) {
        if (notice.audience() instanceof Notice.Audience.Owners owners) {
            return Optional.of(owners.tenantId());
        } else if (notice.audience() instanceof Notice.Audience.Team team) {
            return Optional.of(team.tenantId());
        }
        Matcher page = TEAM_PAGE.matcher(notice.path());
        return page.matches()
                ? tenants.find(Caller.system("notices"), page.group(1)).map(Tenant::id)
                : Optional.empty();
    }

    private void tellPeople(Notice notice, List<User> people) {
        Map<UUID, Set<Channel>> told = new HashMap<>();
        people.stream()
                .filter(user -> !user.disabled())
                .forEach(user -> told.put(
                        user.id(),
                        mail.on() && user.emailConfirmed() ? EnumSet.allOf(Channel.class) : EnumSet.of(Channel.BELL)));
        switchedOff(notice.topic(), told.keySet())
                .forEach(row -> told.get((UUID) row[0]).remove(Channel.valueOf((String) row[1])));
        told.values().removeIf(Set::isEmpty);
        if (told.isEmpty()) {
            return;
        }
        // In one order for all, so that two that tell the same people don't wait for each other.
        List<UUID> ids = told.keySet().stream().sorted().toList();
        em.createNativeQuery(
                        """
                        with made as (
                            insert into notice (id, user_id, topic, key, title, text, path, bell, created_at)
                            select gen_random_uuid(), u.id, :topic, :key, :title, :text, :path, u.bell, cast(:now as timestamptz)
                              from unnest(cast(:ids as uuid[]), cast(:bells as boolean[])) with ordinality as u(id, bell, n)
                             order by u.n
                            on conflict (user_id, key) do nothing
                            returning id, user_id)
                        insert into delivery (id, notice_id, topic, key, state, due_at, created_at)
                        select gen_random_uuid(), made.id, :topic, :key, 'WAITING', cast(:now as timestamptz), cast(:now as timestamptz)
                          from made where made.user_id = any(cast(:mailed as uuid[]))""")
                .setParameter("topic", notice.topic().name())
                .setParameter("key", notice.key())
                .setParameter("title", notice.title())
                .setParameter("text", notice.text())
                .setParameter("path", notice.path())
                .setParameter("now", now())
                .setParameter("ids", array(ids))
                .setParameter(
                        "bells",
                        ids.stream()
                                .map(id -> Boolean.toString(told.get(id).contains(Channel.BELL)))
                                .toArray(String[]::new))
                .setParameter(
                        "mailed",
                        array(ids.stream()
                                .filter(id -> told.get(id).contains(Channel.MAIL))
                                .toList()))
                .executeUpdate();
    }

    @SuppressWarnings("unchecked")
    private List<Object[]> switchedOff(Notice.Topic topic, Set<UUID> userIds) {
        return em.createNativeQuery(
                        "select user_id, channel from notice_off where topic = :topic and user_id = any(cast(:ids as uuid[]))")
                .setParameter("topic", topic.name())
                .setParameter("ids", array(userIds.stream().toList()))
                .getResultList();
    }

    private void tellWebhooks(Notice notice, Optional<UUID> tenantId) {
        em.createNativeQuery(
                        """
                        insert into delivery (id, webhook_id, topic, key, body, state, due_at, created_at)
                        select gen_random_uuid(), w.id, :topic, :key, :body, 'WAITING', cast(:now as timestamptz), cast(:now as timestamptz)
                          from webhook w
                         where (w.tenant_id is null or w.tenant_id = any(cast(:tenant as uuid[])))
                           and :topic = any(string_to_array(w.topics, ','))
                         order by w.id
                        on conflict (webhook_id, key) do nothing""")
                .setParameter("topic", notice.topic().name())
                .setParameter("key", notice.key())
                .setParameter("body", body(notice))
                .setParameter("now", now())
                .setParameter("tenant", array(tenantId.stream().toList()))
                .executeUpdate();
    }

    /** What webhooks get. */
    String body(Notice notice) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("key", notice.key());
        data.put("title", notice.title());
        data.put("text", notice.text());
        data.put("path", notice.path());
        berth.publicUrl().ifPresent(url -> data.put("url", Links.absolute(url, notice.path())));
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "notice." + notice.topic().name().toLowerCase(Locale.ROOT));
        body.put("timestamp", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
        body.put("data", data);
        try {
            return json.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private Timestamp now() {
        Instant now = clock.instant();
        return Timestamp.from(now);
    }

    private static String[] array(List<UUID> ids) {
        return ids.stream().map(UUID::toString).toArray(String[]::new);
    }

    /** One line, whatever somebody typed: a title becomes a mail's header. */
    static String line(String text, int most) {
        String line = text.codePoints()
                .map(c -> Character.isISOControl(c)
                                || Character.getType(c) == Character.FORMAT
                                || c == 0x2028
                                || c == 0x2029
                        ? ' '
                        : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString()
                .strip();
        return cut(line, most);
    }

    private static String text(String text) {
        String clean = text.lines()
                .map(line -> line(line, MAX_TEXT))
                .collect(Collectors.joining("\n"))
                .strip();
        return cut(clean, MAX_TEXT);
    }

    /** A page of ours and of nobody else. */
    private static String path(String path) {
        String line = line(path, MAX_PATH);
        return line.startsWith("/") && !line.startsWith("//") && !line.startsWith("/\\") ? line : "/";
    }

    private static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(most - 2)) ? most - 2 : most - 1;
        return text.substring(0, end) + "…";
    }
}
