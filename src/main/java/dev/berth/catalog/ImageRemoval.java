package dev.berth.catalog;

import dev.berth.audit.Audit;
import dev.berth.common.ProblemException;
import dev.berth.security.Caller;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.transaction.Transactional;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Takes images out of the library on which nothing stands. The row says so first and the file goes after, so that whoever
 * dies in between leaves work that somebody else sees.
 */
@ApplicationScoped
public class ImageRemoval {
    private static final Logger LOG = Logger.getLogger(ImageRemoval.class);
    private static final int NAMED = 12;

    private final Images images;
    private final Images.ImageRepository rows;
    private final Instance<ImageUse> uses;
    private final Audit audit;

    ImageRemoval(Images images, Images.ImageRepository rows, @Any Instance<ImageUse> uses, Audit audit) {
        this.images = images;
        this.rows = rows;
        this.uses = uses;
        this.audit = audit;
    }

    /** What stands on the image, by kind: as long as there is any, it stays. */
    @Transactional
    public List<ImageUse.Dependents> dependents(Caller caller, String name) {
        caller.requireSeesAll();
        return dependents(images.get(name).id());
    }

    private List<ImageUse.Dependents> dependents(UUID id) {
        List<UUID> all = new ArrayList<>();
        List<ImageUse.Dependent> offered = new ArrayList<>();
        rows.getEntityManager()
                .createQuery(
                        """
                        select r.id, r.number, r.state, t.slug, t.name
                          from RevisionEntity r join TemplateEntity t on t.id = r.templateId
                         where r.image.id = :id or r.kernel.id = :id or r.initrd.id = :id order by t.name, r.number""",
                        Object[].class)
                .setParameter("id", id)
                .getResultList()
                .forEach(row -> {
                    all.add((UUID) row[0]);
                    if (row[2] != RevisionState.RETIRED) {
                        offered.add(new ImageUse.Dependent(
                                row[0].toString(), row[4] + ", revision " + row[1], (String) row[3], false));
                    }
                });
        List<ImageUse.Dependents> found = new ArrayList<>();
        uses.forEach(use -> found.addAll(use.of(id, all, NAMED)));
        if (!offered.isEmpty()) {
            found.add(new ImageUse.Dependents(
                    ImageUse.Kind.REVISION,
                    offered.size(),
                    offered.stream().limit(NAMED).toList()));
        }
        return found;
    }

    /** @throws ProblemException conflict while the image is offered, or something stands on it */
    public Image remove(Caller caller, String name) {
        caller.requireAdmin();
        Image image = QuarkusTransaction.requiringNew().call(() -> begin(caller, name));
        finish();
        return QuarkusTransaction.requiringNew()
                .call(() -> rows.findById(image.id()).toImage());
    }

    private Image begin(Caller caller, String name) {
        ImageEntity image = images.forChange(name);
        if (image.state == ImageState.REMOVING) {
            return image.toImage();
        }
        if (image.state != ImageState.RETIRED && image.state != ImageState.QUARANTINED) {
            throw ProblemException.conflict(
                    "wrong-state", "Retire the image first, so that nothing new can be made from it; then remove it.");
        }
        List<ImageUse.Dependents> dependents = dependents(image.id);
        if (!dependents.isEmpty()) {
            throw ProblemException.conflict(
                    "in-use",
                    "The image stays as long as something stands on it: "
                            + dependents.stream()
                                    .map(ImageUse.Dependents::words)
                                    .collect(Collectors.joining(", "))
                            + ". Its page names them.");
        }
        image.state = ImageState.REMOVING;
        audit.record(
                caller,
                "image.remove",
                Audit.Subject.global("image", image.id, image.name),
                Map.of("sha256", image.sha256));
        return image.toImage();
    }

    /** Deletes the files of all images that have to go, whoever asked for it. */
    public void finish() {
        List<ImageEntity> going = QuarkusTransaction.requiringNew().call(() -> rows.list("state", ImageState.REMOVING));
        for (ImageEntity image : going) {
            try {
                Files.deleteIfExists(images.file(image));
                QuarkusTransaction.requiringNew().run(() -> {
                    rows.update(
                            "state = ?1, problem = '' where id = ?2 and state = ?3",
                            ImageState.REMOVED,
                            image.id,
                            ImageState.REMOVING);
                    images.notifyPages(image.id);
                });
            } catch (IOException e) {
                LOG.warnf("The file of image %s could not be deleted; it will be tried again: %s", image.name, e);
            }
        }
    }
}
