package dev.berth.catalog;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.hypervisor.BootSpec.BootFile;
import dev.berth.hypervisor.DiskSpec.BaseImage;
import dev.berth.hypervisor.ImageFiles;
import dev.berth.hypervisor.ImageInspector;
import dev.berth.hypervisor.ImageInspector.Inspection;
import dev.berth.hypervisor.ImageInspector.RejectedImageException;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * The image library. A file is copied next to its final place, checked there, made read-only and renamed; only then
 * does a row say that it is ready. Whatever dies in between leaves a file without a row.
 */
@ApplicationScoped
public class Images {
    private static final Logger LOG = Logger.getLogger(Images.class);
    private static final long GIB = 1L << 30;
    /** Longer than bringing one in takes, a disk of a machine too. */
    private static final Duration ABANDONED = Duration.ofHours(24);

    @ApplicationScoped
    static class ImageRepository implements PanacheRepositoryBase<ImageEntity, UUID> {}

    private final ImageRepository images;
    private final ImageInspector inspector;
    private final LibraryConfig config;
    private final Audit audit;
    private final Clock clock;

    Images(ImageRepository images, ImageInspector inspector, LibraryConfig config, Audit audit, Clock clock) {
        this.images = images;
        this.inspector = inspector;
        this.config = config;
        this.audit = audit;
        this.clock = clock;
    }

    /** What is known of an image before its bytes are. */
    public record Draft(String name, String description, String format) {
        private static final Set<String> FORMATS = Set.of("qcow2", "raw", "kernel", "initrd");

        Checks checks() {
            return new Checks()
                    .label("name", name)
                    .text("description", description, 2_000)
                    .require(
                            "format",
                            format != null && FORMATS.contains(format),
                            "Choose qcow2, raw, kernel or initrd.");
        }
    }

    @Transactional
    public List<Image> list() {
        return images.find("state <> ?1 order by name", ImageState.REMOVED).stream()
                .map(ImageEntity::toImage)
                .toList();
    }

    @Transactional
    public Image get(String name) {
        return entity(name).toImage();
    }

    @Transactional
    public Optional<Image> find(UUID id) {
        return images.findByIdOptional(id).map(ImageEntity::toImage);
    }

    /** Names of the files that {@link #importFile} takes, in order. */
    public List<String> importable() {
        if (config.importDirectory().isEmpty()) {
            return List.of();
        }
        try (var files = Files.list(Path.of(config.importDirectory().get()))) {
            return files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            LOG.warnf("The import directory can't be read: %s", e.getMessage());
            return List.of();
        }
    }

    /** Imports a file that lies in the import directory, which is left as it is. */
    public Image importFile(Caller caller, Draft draft, String file) {
        caller.requireAdmin();
        draft.checks()
                .require(
                        "file",
                        importable().contains(file),
                        "Choose one of the files in the server's import directory.")
                .throwIfAny();
        return add(caller, draft, part -> {
            Path there = Path.of(config.importDirectory().orElseThrow(), file);
            refuseTooLarge(there);
            Files.copy(there, part, StandardCopyOption.REPLACE_EXISTING, LinkOption.NOFOLLOW_LINKS);
        });
    }

    /** Imports an uploaded file, which may be moved away. */
    public Image importUpload(Caller caller, Draft draft, Path uploaded) {
        caller.requireAdmin();
        draft.checks().throwIfAny();
        return add(caller, draft, part -> Files.move(uploaded, part, StandardCopyOption.REPLACE_EXISTING));
    }

    /**
     * Brings in what the source writes, under an id that the caller keeps: whoever died on the way can do it again. Does
     * nothing when it is done.
     */
    public Image bring(Caller caller, UUID id, Draft draft, Consumer<Path> source) {
        caller.requireAdmin();
        draft.checks().throwIfAny();
        QuarkusTransaction.requiringNew().run(() -> forgetUnfinished(id));
        Optional<Image> before = QuarkusTransaction.requiringNew().call(() -> find(id));
        return before.isPresent() ? before.get() : add(caller, id, draft, source::accept);
    }

    private interface Source {
        void bring(Path part) throws IOException;
    }

    private Image add(Caller caller, Draft draft, Source source) {
        return add(caller, UUID.randomUUID(), draft, source);
    }

    private Image add(Caller caller, UUID id, Draft draft, Source source) {
        QuarkusTransaction.requiringNew().run(() -> begin(caller, draft, id));
        Path file = path(id, draft.format());
        Path part = part(file);
        try {
            Files.createDirectories(file.getParent());
            source.bring(part);
            Inspection inspection = inspect(draft, part);
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("r--r--r--"));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            String stamp = ImageFiles.stamp(file).orElse("");
            return QuarkusTransaction.requiringNew().call(() -> finish(caller, id, inspection, stamp));
        } catch (IOException e) {
            LOG.errorf(e, "Could not bring image %s into the library", draft.name());
            throw ProblemException.unavailable(
                    "library",
                    "The image library can't be written right now. An admin can find the reason in the log.");
        } finally {
            QuarkusTransaction.requiringNew().run(() -> forgetUnfinished(id));
            deleteQuietly(part);
        }
    }

    private Inspection inspect(Draft draft, Path part) throws IOException {
        refuseTooLarge(part);
        try {
            return inspector.inspect(part, draft.format(), config.maxVirtualGib() * GIB);
        } catch (RejectedImageException e) {
            throw ProblemException.invalid("file", e.getMessage());
        }
    }

    private void refuseTooLarge(Path file) throws IOException {
        if (Files.size(file) > config.maxFileGib() * GIB) {
            throw ProblemException.invalid("file", "The file is larger than " + config.maxFileGib() + " GiB.");
        }
    }

    private void begin(Caller caller, Draft draft, UUID id) {
        if (images.count("name = ?1 and state <> ?2", draft.name(), ImageState.REMOVED) > 0) {
            throw ProblemException.conflict("taken", "There is an image named " + draft.name() + " already.");
        }
        ImageEntity image = new ImageEntity();
        image.id = id;
        image.name = draft.name();
        image.description = draft.description();
        image.format = draft.format();
        image.state = ImageState.IMPORTING;
        image.createdBy = caller.username();
        image.createdAt = clock.instant();
        images.persist(image);
    }

    private Image finish(Caller caller, UUID id, Inspection inspection, String stamp) {
        ImageEntity image = images.findById(id);
        image.state = ImageState.READY;
        image.virtualSizeBytes = inspection.virtualSizeBytes();
        image.fileSizeBytes = inspection.fileSizeBytes();
        image.sha256 = inspection.sha256();
        image.stamp = stamp;
        image.checkedAt = clock.instant();
        audit.record(
                caller,
                "image.import",
                Audit.Subject.global("image", id, image.name),
                Map.of("sha256", image.sha256, "format", image.format));
        return image.toImage();
    }

    private void forgetUnfinished(UUID id) {
        images.delete("id = ?1 and state = ?2", id, ImageState.IMPORTING);
    }

    /** Forgets images that processes had begun to bring in when they died: their names are free again. */
    void forgetAbandoned() {
        List<ImageEntity> abandoned = QuarkusTransaction.requiringNew()
                .call(() -> images.list(
                        "state = ?1 and createdAt < ?2",
                        ImageState.IMPORTING,
                        clock.instant().minus(ABANDONED)));
        for (ImageEntity image : abandoned) {
            LOG.infof("Forgetting image %s, which nobody goes on to bring in", image.id);
            QuarkusTransaction.requiringNew().run(() -> forgetUnfinished(image.id));
            deleteQuietly(file(image));
            deleteQuietly(part(file(image)));
        }
    }

    private static Path part(Path file) {
        return file.resolveSibling(file.getFileName() + ".part");
    }

    /** No new revision may use it. */
    @Transactional
    public Image retire(Caller caller, String name) {
        caller.requireAdmin();
        ImageEntity image = forChange(name);
        if (image.state == ImageState.READY) {
            image.state = ImageState.RETIRED;
            audit.record(caller, "image.retire", Audit.Subject.global("image", image.id, name), Map.of());
        }
        return image.toImage();
    }

    /** Those that nothing starts from, by name. */
    @Transactional
    public List<Image> quarantined() {
        return images.find("state = ?1 order by name", ImageState.QUARANTINED).stream()
                .map(ImageEntity::toImage)
                .toList();
    }

    /**
     * The image as it stays until the caller's transaction ends. Whoever makes something that stands on it looks at it by
     * this, so that it can't be retired or removed in between.
     */
    @Transactional(Transactional.TxType.MANDATORY)
    public Image forUse(UUID id) {
        ImageEntity image = images.findByIdOptional(id).orElseThrow(() -> ProblemException.notFound("image"));
        images.getEntityManager().refresh(image, LockModeType.PESSIMISTIC_READ);
        return image.toImage();
    }

    /** For a change of it, so that nobody else makes one or begins to use it. */
    ImageEntity forChange(String name) {
        ImageEntity image = entity(name);
        images.getEntityManager().refresh(image, LockModeType.PESSIMISTIC_WRITE);
        return image;
    }

    /** Has open pages of admins show it anew, once the caller's transaction is through. */
    void notifyPages(UUID id) {
        images.getEntityManager()
                .createNativeQuery("select pg_notify('berth_changes', 'image::' || :id)", Object.class)
                .setParameter("id", id.toString())
                .getSingleResult();
    }

    /** The file that disks back onto. */
    public BaseImage base(Image image) {
        return new BaseImage(path(image.id(), image.format()).toString(), image.format());
    }

    /** The file that a machine starts from. */
    public BootFile bootFile(Image image) {
        return new BootFile(path(image.id(), image.format()).toString(), image.sha256());
    }

    /** Where uploads should be written, so that bringing them in is a rename. */
    public Path uploadDirectory() throws IOException {
        return Files.createDirectories(Path.of(config.directory(), "uploads"));
    }

    Path file(ImageEntity image) {
        return path(image.id, image.format);
    }

    private Path path(UUID id, String format) {
        return Path.of(config.directory(), id + "." + format);
    }

    private ImageEntity entity(String name) {
        return images.find("name = ?1 and state <> ?2", name, ImageState.REMOVED)
                .firstResultOptional()
                .orElseThrow(() -> ProblemException.notFound("image"));
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warnf("Left over: %s (%s)", file, e.getMessage());
        }
    }
}
