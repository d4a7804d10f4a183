package dev.berth.catalog;

import dev.berth.audit.Audit;
import dev.berth.common.Notice;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.ImageFiles;
import dev.berth.security.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Whether images are still what was imported. One that is not is quarantined: a machine whose disk stands on it would lose
 * its data, and one made from it would be anything.
 */
@ApplicationScoped
public class ImageChecks {
    private static final Caller WORKER = Caller.system("worker");
    /** After this long nobody waits for a check any more that somebody began. */
    private static final Duration GIVEN_UP = Duration.ofHours(1);

    private static final String MISSING =
            "The image's file is not in the library. Put it back as it was; nothing starts from it until then.";
    private static final String TOUCHED =
            "The image's file was written to, or replaced: its size, its time of change or its inode is another.";
    private static final String OTHER =
            "The image's contents are not what was imported: the SHA-256 of its file is another.";

    /** An image whose contents are to be read. */
    public record Due(UUID id, String name, Path file) {}

    private final Images images;
    private final Images.ImageRepository rows;
    private final LibraryConfig config;
    private final Audit audit;
    private final Event<ImageStateChanged> changes;
    private final Event<Notice> notices;
    private final Clock clock;

    ImageChecks(
            Images images,
            Images.ImageRepository rows,
            LibraryConfig config,
            Audit audit,
            Event<ImageStateChanged> changes,
            Event<Notice> notices,
            Clock clock) {
        this.images = images;
        this.rows = rows;
        this.config = config;
        this.audit = audit;
        this.changes = changes;
        this.notices = notices;
        this.clock = clock;
    }

    /** The images whose files should be there, for Berth itself. */
    @Transactional
    public List<UUID> watched() {
        return rows.list("state in ?1", List.of(ImageState.READY, ImageState.RETIRED, ImageState.QUARANTINED)).stream()
                .map(image -> image.id)
                .toList();
    }

    /**
     * Looks at the file from outside.
     *
     * @return what speaks against starting anything from it, as a sentence, or empty
     */
    @Transactional
    public Optional<String> look(UUID id) {
        ImageEntity image = rows.findById(id);
        Optional<String> now = ImageFiles.stamp(images.file(image));
        if (image.state.trusted() || image.problem.isEmpty()) {
            String problem = problem(image, now);
            if (!problem.equals(image.problem)) {
                lock(image);
                if (image.state.trusted() || image.problem.isEmpty()) {
                    tell(image, problem(image, now));
                }
            }
        }
        return image.state.trusted() && image.problem.isEmpty() ? Optional.empty() : Optional.of(objection(image));
    }

    /** A file that is away can't have been written to: it may come back as it was. */
    private static String problem(ImageEntity image, Optional<String> now) {
        if (now.isEmpty()) {
            return MISSING;
        }
        return image.stamp.isEmpty() || image.stamp.equals(now.get()) ? "" : TOUCHED;
    }

    private void tell(ImageEntity image, String problem) {
        image.problem = problem;
        if (!problem.isEmpty() && !problem.equals(MISSING) && image.state.trusted()) {
            image.quarantinedFrom = image.state.name();
            image.state = ImageState.QUARANTINED;
            audit.record(WORKER, "image.quarantine", subject(image), Map.of("problem", problem));
            notices.fire(new Notice(
                    Notice.Topic.IMAGE,
                    new Notice.Audience.Admins(),
                    "image-quarantined:" + image.id + ":" + clock.instant().toEpochMilli(),
                    "The image " + image.name + " is quarantined",
                    problem + " Nothing starts from it until you have put it right.",
                    "/admin/images/" + image.name));
        }
        changed(image);
    }

    private static String objection(ImageEntity image) {
        return switch (image.state) {
            case QUARANTINED ->
                "The image " + image.name + " is quarantined, since its file is not what was imported, or was touched."
                        + " Nothing starts from it until an admin has put it right.";
            case REMOVING, REMOVED -> "The image " + image.name + " was removed. Nothing can start from it any more.";
            default ->
                "The image " + image.name + " is not in the library. Ask an admin to put it back, then try again.";
        };
    }

    /** Takes the image that has waited longest for its contents to be read, so that nobody else takes it. */
    @Transactional
    public Optional<Due> claim() {
        Instant now = clock.instant();
        List<?> found = rows.getEntityManager()
                .createNativeQuery(
                        """
                        update image set check_begun_at = :now
                         where id = (select id from image
                                      where (state in ('READY', 'RETIRED')
                                                 and (checked_at is null or checked_at < :due)
                                             or state = 'QUARANTINED' and checked_at is null)
                                        and (check_begun_at is null or check_begun_at < :given_up)
                                      order by checked_at nulls first, id limit 1 for update skip locked)
                        returning id""",
                        UUID.class)
                .setParameter("now", now)
                .setParameter("due", now.minus(config.digestInterval()))
                .setParameter("given_up", now.minus(GIVEN_UP))
                .getResultList();
        return found.stream().findFirst().map(id -> {
            ImageEntity image = rows.findById((UUID) id);
            return new Due(image.id, image.name, images.file(image));
        });
    }

    /**
     * The contents were read.
     *
     * @param before the stamp when that began, or empty when the file was not there
     * @param after the stamp when it was done
     */
    @Transactional
    public void read(UUID id, Optional<String> before, String digest, Optional<String> after) {
        ImageEntity image = rows.findById(id, LockModeType.PESSIMISTIC_WRITE);
        image.checkBegunAt = null;
        image.checkedAt = clock.instant();
        if (!image.state.trusted() && image.state != ImageState.QUARANTINED) {
            return;
        }
        if (before.isEmpty() || after.isEmpty()) {
            tell(image, MISSING);
        } else if (!digest.equals(image.sha256)) {
            tell(image, OTHER);
        } else if (!before.equals(after)
                || (image.state.trusted() && !image.stamp.isEmpty() && !image.stamp.equals(after.get()))) {
            tell(image, TOUCHED);
        } else {
            image.stamp = after.get();
            tell(image, "");
        }
    }

    /** The contents could not be read: somebody will try again. */
    @Transactional
    public void abandon(UUID id) {
        rows.update("checkBegunAt = null where id = ?1", id);
    }

    /** Has a worker read the image's contents soon. */
    @Transactional
    public Image check(Caller caller, String name) {
        caller.requireAdmin();
        ImageEntity image = images.forChange(name);
        requireFile(image);
        image.checkedAt = null;
        image.checkBegunAt = null;
        audit.record(caller, "image.check", subject(image), Map.of());
        changed(image);
        return image.toImage();
    }

    /** Trusts a quarantined image again, whose contents were read since and are what was imported. */
    @Transactional
    public Image release(Caller caller, String name) {
        caller.requireAdmin();
        ImageEntity image = images.forChange(name);
        if (image.state != ImageState.QUARANTINED) {
            throw ProblemException.conflict("wrong-state", "The image is not quarantined.");
        }
        if (!image.toImage().releasable()) {
            throw ProblemException.conflict(
                    "not-checked",
                    "The image can only be released once its contents are what was imported. Put its file back as it"
                            + " was, then check again.");
        }
        image.state = ImageState.valueOf(image.quarantinedFrom);
        image.quarantinedFrom = "";
        audit.record(caller, "image.release", subject(image), Map.of());
        changed(image);
        return image.toImage();
    }

    private static void requireFile(ImageEntity image) {
        if (!image.state.trusted() && image.state != ImageState.QUARANTINED) {
            throw ProblemException.conflict("wrong-state", "The image has no file in the library now.");
        }
    }

    private void lock(ImageEntity image) {
        rows.getEntityManager().refresh(image, LockModeType.PESSIMISTIC_WRITE);
    }

    private void changed(ImageEntity image) {
        images.notifyPages(image.id);
        changes.fire(new ImageStateChanged(image.id));
    }

    private static Audit.Subject subject(ImageEntity image) {
        return Audit.Subject.global("image", image.id, image.name);
    }
}
