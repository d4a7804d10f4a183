package dev.berth.catalog;

import dev.berth.catalog.ImageFetch.StoppedException;
import dev.berth.catalog.ImageImports.Claim;
import dev.berth.common.BerthConfig;
import dev.berth.common.ProblemException;
import dev.berth.common.Rounds;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Future;
import org.jboss.logging.Logger;

/**
 * Fetches images in web processes, a few at a time. Each attempt writes a file of its own; only one that is whole and has
 * the right digest goes on into the library, where it is looked at like an upload.
 */
@ApplicationScoped
class ImageImporter {
    private static final Logger LOG = Logger.getLogger(ImageImporter.class);
    private static final int THREADS = 2;
    private static final Duration POLL = Duration.ofSeconds(5);
    private static final Duration BEAT = Duration.ofSeconds(2);
    private static final Duration TIDY = Duration.ofMinutes(10);
    private static final String NOT_LOOKED = "Could not look for images to fetch";

    private final ImageImports imports;
    private final ImageFetch fetch;
    private final ImageSignature signatures;
    private final Images images;
    private final BerthConfig berth;

    private Rounds threads;
    private Rounds beats;

    ImageImporter(ImageImports imports, ImageFetch fetch, ImageSignature signatures, Images images, BerthConfig berth) {
        this.imports = imports;
        this.fetch = fetch;
        this.signatures = signatures;
        this.images = images;
        this.berth = berth;
    }

    void start(@Observes StartupEvent event) {
        if (!berth.web()) {
            return;
        }
        beats = new Rounds("image-import-beats");
        beats.every(Duration.ZERO, TIDY, this::tidy, "Could not tidy up after imports");
        if (!imports.on()) {
            return;
        }
        threads = new Rounds("image-imports", THREADS);
        for (int thread = 0; thread < THREADS; thread++) {
            threads.every(Duration.ZERO, POLL, this::fetchAll, NOT_LOOKED);
        }
    }

    void wake(@Observes(during = TransactionPhase.AFTER_SUCCESS) ImageImportWanted wanted) {
        if (threads != null) {
            threads.soon(this::fetchAll, NOT_LOOKED);
        }
    }

    private void fetchAll() {
        Optional<Claim> claim = imports.claim();
        while (claim.isPresent() && !Thread.currentThread().isInterrupted()) {
            run(claim.get());
            claim = imports.claim();
        }
    }

    /** How far one attempt is, told to the others every few seconds. */
    private final class Beat implements ImageFetch.Watch, AutoCloseable {
        private final Claim claim;
        private final Future<?> rounds;
        private volatile long done;
        private volatile long total;
        private volatile boolean lost;
        private long toldDone;
        private long toldAt = System.nanoTime();

        Beat(Claim claim) {
            this.claim = claim;
            // After a failure it may still be ours; if not, nothing that it does counts.
            rounds = beats.every(BEAT, BEAT, this::tell, "Could not say how far an import is");
        }

        @Override
        public boolean at(long nowDone, long nowTotal) {
            done = nowDone;
            total = nowTotal;
            return !lost;
        }

        private void tell() {
            long now = System.nanoTime();
            long bytes = done;
            long rate = Math.max(0, Math.round((bytes - toldDone) / ((now - toldAt) / 1e9)));
            lost = !imports.goesOn(claim, bytes, total, rate);
            toldDone = bytes;
            toldAt = now;
        }

        @Override
        public void close() {
            rounds.cancel(false);
        }
    }

    private void run(Claim claim) {
        Path part = null;
        try (Beat beat = new Beat(claim)) {
            part = directory().resolve(claim.id() + "." + claim.attempt());
            bring(claim, part, beat);
        } catch (FetchException e) {
            LOG.infof("Attempt %d to fetch image %s failed: %s", claim.attempt(), claim.id(), e.getMessage());
            imports.failed(claim, e.getMessage(), e.passing());
        } catch (ProblemException e) {
            imports.failed(claim, e.getMessage(), e.kind() == ProblemException.Kind.UNAVAILABLE);
        } catch (StoppedException e) {
            LOG.infof("Stopped fetching image %s", claim.id());
        } catch (IOException | RuntimeException e) {
            LOG.errorf(e, "Could not fetch image %s", claim.id());
            imports.failed(
                    claim,
                    "The image library can't be written right now. An admin can find the reason in the log.",
                    true);
        } finally {
            delete(part);
        }
    }

    private void bring(Claim claim, Path part, Beat beat) throws FetchException, StoppedException, IOException {
        if (images.find(claim.id())
                .filter(image -> image.state() != ImageState.IMPORTING)
                .isPresent()) {
            imports.done(claim);
            return;
        }
        forgetOthers(claim, part);
        Optional<ImageDigest> expected = expected(claim, part, beat);
        String algorithm = expected.map(ImageDigest::algorithm).orElse("SHA-256");
        String found = fetch.file(claim.wish().url(), part, algorithm, beat);
        if (expected.isPresent() && !expected.get().hex().equals(found)) {
            throw new FetchException(
                    "The file is not the one that was meant: its " + algorithm + " is " + found + ".", false);
        }
        if (!imports.checking(claim, Files.size(part))) {
            throw new StoppedException();
        }
        images.bring(claim.requester(), claim.id(), claim.wish().image(), inLibrary -> move(part, inLibrary));
        imports.done(claim);
    }

    private Optional<ImageDigest> expected(Claim claim, Path part, Beat beat)
            throws FetchException, StoppedException, IOException {
        String listUrl = claim.wish().digestUrl();
        if (listUrl.isBlank()) {
            return ImageDigest.of(claim.wish().digest());
        }
        byte[] list = fetch.small(listUrl, (done, total) -> beat.at(0, 0));
        if (signatures.on()) {
            String signatureUrl = claim.wish().signatureUrl();
            byte[] signature =
                    signatureUrl.isBlank() ? null : fetch.small(signatureUrl, (done, total) -> beat.at(0, 0));
            list = signatures.signed(list, signature, part);
        }
        return Optional.of(ImageDigest.find(list, claim.fileName()));
    }

    /** What attempts before this one left. */
    private static void forgetOthers(Claim claim, Path part) throws IOException {
        try (var files = Files.list(part.getParent())) {
            files.filter(file -> file.getFileName().toString().startsWith(claim.id() + "."))
                    .forEach(ImageImporter::delete);
        }
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path directory() throws IOException {
        return Files.createDirectories(images.uploadDirectory().resolve("imports"));
    }

    /** Deletes what dead processes left of images that nobody goes on with. */
    private void tidy() {
        try {
            images.forgetAbandoned();
        } catch (RuntimeException e) {
            LOG.warnf("Could not forget abandoned images: %s", e.getMessage());
        }
        try (var files = Files.list(directory())) {
            List<Path> found = files.toList();
            // Asked after the look, so that whatever is not open then was not open when its file was seen.
            List<UUID> open = imports.open();
            found.stream()
                    .filter(file -> open.stream()
                            .noneMatch(id -> file.getFileName().toString().startsWith(id + ".")))
                    .forEach(ImageImporter::delete);
            imports.forgetOld();
        } catch (IOException | RuntimeException e) {
            LOG.warnf("Could not tidy up after imports: %s", e.getMessage());
        }
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.warnf("Left over: %s (%s)", file, e.getMessage());
        }
    }

    void stop(@Observes ShutdownEvent event) {
        if (threads != null) {
            threads.close();
        }
        if (beats != null) {
            beats.close();
        }
    }
}
