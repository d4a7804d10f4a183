package dev.berth.catalog;

import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Which templates offer something: the way back from a part to what is made of it. */
@ApplicationScoped
public class TemplateOffers {
    /** A revision, with its template's names. */
    public record Offer(String slug, String name, int number, RevisionState state) {}

    private final EntityManager em;

    TemplateOffers(EntityManager em) {
        this.em = em;
    }

    /**
     * The revisions that wait for an admin's word, oldest first; for admins.
     *
     * @param but those that are left out
     */
    @Transactional
    public List<Offer> inReview(Caller caller, Set<UUID> but) {
        caller.requireSeesAll();
        return em
                .createQuery(
                        """
                        select t.slug, t.name, r.number, r.state, r.id
                          from RevisionEntity r join TemplateEntity t on t.id = r.templateId
                         where r.state = :review order by r.createdAt""",
                        Object[].class)
                .setParameter("review", RevisionState.IN_REVIEW)
                .getResultList()
                .stream()
                .filter(row -> !but.contains((UUID) row[4]))
                .map(row -> new Offer((String) row[0], (String) row[1], (Integer) row[2], (RevisionState) row[3]))
                .toList();
    }

    /** The revisions that offer this profile and are not retired, by template, newest first; for admins. */
    @Transactional
    public List<Offer> ofProfile(Caller caller, UUID profileId) {
        caller.requireSeesAll();
        return em
                .createQuery(
                        """
                        select t.slug, t.name, r.number, r.state
                          from RevisionEntity r join TemplateEntity t on t.id = r.templateId
                         where r.state <> :retired
                           and (exists (select 1 from r.networks n where n.id = :id)
                                or exists (select 1 from r.storage s where s.id = :id))
                         order by t.name, t.slug, r.number desc""",
                        Object[].class)
                .setParameter("retired", RevisionState.RETIRED)
                .setParameter("id", profileId)
                .getResultList()
                .stream()
                .map(row -> new Offer((String) row[0], (String) row[1], (Integer) row[2], (RevisionState) row[3]))
                .toList();
    }
}
