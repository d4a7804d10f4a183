package dev.berth.machines;

import dev.berth.catalog.Image;
import dev.berth.catalog.ImageStateChanged;
import dev.berth.catalog.Images;
import dev.berth.common.Notice;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** Tells people of what befalls their machines from outside. */
@ApplicationScoped
class TroubleNotices {
    private static final int NAMED = 10;

    private final EntityManager em;
    private final Images images;
    private final Event<Notice> notices;
    private final Clock clock;

    TroubleNotices(EntityManager em, Images images, Event<Notice> notices, Clock clock) {
        this.em = em;
        this.images = images;
        this.notices = notices;
        this.clock = clock;
    }

    /** A machine failed, just now: its owner has to act. */
    @Transactional(Transactional.TxType.MANDATORY)
    void failed(MachineEntity machine) {
        notices.fire(new Notice(
                Notice.Topic.MACHINE,
                new Notice.Audience.Person(machine.ownerId),
                "machine-failed:" + machine.id + ":" + machine.generation,
                machine.name + " has failed",
                machine.failure,
                "/t/" + machine.tenantSlug + "/machines/" + machine.id));
    }

    /** These machines have just got into trouble, with a sentence each: each of their owners hears of it once. */
    @Transactional(Transactional.TxType.MANDATORY)
    void troubled(Map<UUID, String> sentences) {
        if (sentences.isEmpty()) {
            return;
        }
        Map<UUID, List<MachineEntity>> byOwner = em.createQuery(
                        "from MachineEntity where id in :ids order by name, id", MachineEntity.class)
                .setParameter("ids", sentences.keySet())
                .getResultStream()
                .collect(Collectors.groupingBy(machine -> machine.ownerId));
        byOwner.forEach((owner, touched) -> tellOwner(owner, touched, sentences));
    }

    private void tellOwner(UUID owner, List<MachineEntity> touched, Map<UUID, String> sentences) {
        String text = touched.stream()
                .map(machine -> sentences.get(machine.id))
                .distinct()
                .limit(NAMED)
                .collect(Collectors.joining("\n"));
        String names =
                touched.stream().limit(NAMED).map(machine -> machine.name).collect(Collectors.joining(", "));
        MachineEntity first = touched.get(0);
        boolean alone = touched.size() == 1;
        notices.fire(new Notice(
                Notice.Topic.STORAGE,
                new Notice.Audience.Person(owner),
                "trouble:" + first.id + ":" + clock.instant().toEpochMilli(),
                alone ? first.name + " is in trouble" : touched.size() + " of your machines are in trouble",
                "%s\nIt touches %s%s."
                        .formatted(
                                text,
                                names,
                                touched.size() > NAMED ? " and " + (touched.size() - NAMED) + " more" : ""),
                "/t/" + first.tenantSlug + "/machines" + (alone ? "/" + first.id : "")));
    }

    /** The owners of teams whose machines stand on an image that is quarantined now hear of it once a day. */
    @Transactional
    void imageChanged(@Observes ImageStateChanged change) {
        images.quarantined().stream()
                .filter(image -> image.id().equals(change.imageId()))
                .forEach(this::imageQuarantined);
    }

    private void imageQuarantined(Image image) {
        List<Object[]> teams = em.createQuery(
                        """
                        select m.tenantId, m.tenantSlug, count(distinct m.id)
                          from DiskEntity d join MachineEntity m on m.id = d.machineId
                         where d.imageId = :image and m.goneAt is null group by m.tenantId, m.tenantSlug order by m.tenantId""",
                        Object[].class)
                .setParameter("image", image.id())
                .getResultList();
        String day = clock.instant().toString().substring(0, 10);
        for (Object[] team : teams) {
            long machines = (Long) team[2];
            notices.fire(new Notice(
                    Notice.Topic.IMAGE,
                    new Notice.Audience.Owners((UUID) team[0]),
                    "image-quarantined:" + image.id() + ":" + day,
                    "The image " + image.name() + " is quarantined",
                    "%d %s of your team %s made from it. What runs goes on, but can't be started again until an admin has put the image right."
                            .formatted(machines, machines == 1 ? "machine" : "machines", machines == 1 ? "is" : "are"),
                    "/t/" + team[1] + "/machines"));
        }
    }
}
