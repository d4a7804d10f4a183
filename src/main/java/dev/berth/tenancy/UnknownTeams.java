package dev.berth.tenancy;

import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Teams that groups at the identity provider speak of and that are not there. */
@ApplicationScoped
public class UnknownTeams {
    private static final Logger LOG = Logger.getLogger(UnknownTeams.class);
    private static final int ROWS = 50;

    private final EntityManager em;
    private final Clock clock;

    UnknownTeams(EntityManager em, Clock clock) {
        this.em = em;
        this.clock = clock;
    }

    /** Those that are still not there, by short name; for admins and auditors. */
    @Transactional
    public List<UnknownTeam> list(Caller caller) {
        caller.requireSeesAll();
        List<?> rows = em.createNativeQuery(
                        """
                        select g.slug, array_to_string((array_agg(u.username order by u.username))[1:3], ' '), count(*), max(g.seen_at)
                          from unknown_tenant g join app_user u on u.id = g.user_id
                         where not exists (select 1 from tenant t where t.slug = g.slug)
                         group by g.slug order by g.slug limit :rows""",
                        Object[].class)
                .setParameter("rows", ROWS)
                .getResultList();
        return rows.stream()
                .map(Object[].class::cast)
                .map(row -> new UnknownTeam(
                        (String) row[0], List.of(((String) row[1]).split(" ")), (Long) row[2], (Instant) row[3]))
                .toList();
    }

    /** Writes down what the provider says of one person now, in the place of what it said before. */
    @Transactional(Transactional.TxType.MANDATORY)
    void note(UUID userId, Set<String> slugs) {
        String[] all = slugs.stream().sorted().toArray(String[]::new);
        em.createNativeQuery(
                        "delete from unknown_tenant where user_id = :user and slug <> all (cast(:slugs as text[]))")
                .setParameter("user", userId)
                .setParameter("slugs", all)
                .executeUpdate();
        for (String slug : all) {
            boolean known = !em.createNativeQuery("select 1 from unknown_tenant where slug = :slug limit 1")
                    .setParameter("slug", slug)
                    .getResultList()
                    .isEmpty();
            em.createNativeQuery("insert into unknown_tenant (slug, user_id, seen_at)"
                            + " values (:slug, :user, cast(:now as timestamptz)) on conflict do nothing")
                    .setParameter("slug", slug)
                    .setParameter("user", userId)
                    .setParameter("now", Timestamp.from(clock.instant()))
                    .executeUpdate();
            if (!known) {
                LOG.warnf("The identity provider has a group for a team that does not exist: %s", slug);
            }
        }
    }
}
