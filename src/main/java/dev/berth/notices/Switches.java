package dev.berth.notices;

import dev.berth.common.Notice;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What each person is told by which way. Everything is on until somebody switches it off. */
@ApplicationScoped
public class Switches {
    private final EntityManager em;
    private final MailConfig mail;

    Switches(EntityManager em, MailConfig mail) {
        this.em = em;
        this.mail = mail;
    }

    /** Whether mail can be sent at all. */
    public boolean mailOn() {
        return mail.on();
    }

    /** The ways that are on, by topic. */
    @Transactional
    @SuppressWarnings("unchecked")
    public Map<Notice.Topic, Set<Channel>> of(Caller caller) {
        Map<Notice.Topic, Set<Channel>> on = new EnumMap<>(Notice.Topic.class);
        for (Notice.Topic topic : Notice.Topic.values()) {
            on.put(topic, EnumSet.allOf(Channel.class));
        }
        List<Object[]> rows = em.createNativeQuery("select topic, channel from notice_off where user_id = :user")
                .setParameter("user", caller.userId())
                .getResultList();
        rows.forEach(row -> on.get(Notice.Topic.valueOf((String) row[0])).remove(Channel.valueOf((String) row[1])));
        return on;
    }

    /** @param on the ways that shall be on; a topic that is not named stays as it is */
    @Transactional
    public void set(Caller caller, Map<Notice.Topic, Set<Channel>> on) {
        on.forEach((topic, channels) -> {
            for (Channel channel : Channel.values()) {
                em.createNativeQuery(
                                channels.contains(channel)
                                        ? "delete from notice_off where user_id = :user and topic = :topic and channel = :channel"
                                        : """
                                          insert into notice_off (user_id, topic, channel) values (:user, :topic, :channel)
                                          on conflict do nothing""")
                        .setParameter("user", caller.userId())
                        .setParameter("topic", topic.name())
                        .setParameter("channel", channel.name())
                        .executeUpdate();
            }
        });
    }
}
