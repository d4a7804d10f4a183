package dev.berth.machines;

import dev.berth.catalog.RevisionState;
import dev.berth.catalog.RevisionStateChanged;
import dev.berth.common.Notice;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.EntityManager;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Tells the owners of machines that the revision they were made from is no longer offered. */
@ApplicationScoped
class RevisionNotices {
    private static final int NAMED = 5;

    private final EntityManager em;
    private final Event<Notice> notices;

    RevisionNotices(EntityManager em, Event<Notice> notices) {
        this.em = em;
        this.notices = notices;
    }

    private record Owner(UUID id, String tenant) {}

    void changed(@Observes RevisionStateChanged change) {
        if (change.state() != RevisionState.DEPRECATED && change.state() != RevisionState.RETIRED) {
            return;
        }
        Map<Owner, List<String>> machines = new LinkedHashMap<>();
        em.createQuery(
                        """
                        select ownerId, tenantSlug, name from MachineEntity
                         where revisionId = :revision and goneAt is null order by name""",
                        Object[].class)
                .setParameter("revision", change.revisionId())
                .getResultList()
                .forEach(row -> machines.computeIfAbsent(
                                new Owner((UUID) row[0], (String) row[1]), owner -> new java.util.ArrayList<>())
                        .add((String) row[2]));
        machines.forEach((owner, names) -> notices.fire(notice(change, owner, names)));
    }

    private static Notice notice(RevisionStateChanged change, Owner owner, List<String> names) {
        boolean retired = change.state() == RevisionState.RETIRED;
        return new Notice(
                Notice.Topic.TEMPLATE,
                new Notice.Audience.Person(owner.id()),
                "revision-" + change.state() + ":" + change.revisionId() + ":" + owner.tenant(),
                "%s, revision %d, is %s"
                        .formatted(change.templateName(), change.number(), retired ? "retired" : "deprecated"),
                "No new machines are made from it. Yours keep running: %s%s. Make new ones from what the template offers now, when it suits you."
                        .formatted(
                                String.join(", ", names.subList(0, Math.min(NAMED, names.size()))),
                                names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : ""),
                "/t/" + owner.tenant() + "/machines");
    }
}
