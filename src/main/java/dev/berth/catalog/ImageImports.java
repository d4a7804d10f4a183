package dev.berth.catalog;

import dev.berth.audit.Audit;
import dev.berth.common.Checks;
import dev.berth.common.ProblemException;
import dev.berth.common.UrlGuard;
import dev.berth.security.Caller;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Images that are fetched from addresses. Whoever fetches one claims its row, and every change by him counts only as long
 * as the claim is his: a process that dies, or sleeps too long, leaves the image to the next attempt.
 */
@ApplicationScoped
public class ImageImports {
    private static final int MAX_OPEN = 20;
    private static final int MAX_ATTEMPTS = 5;
    private static final int CLAIM_SECONDS = 30;
    private static final Duration PAUSE = Duration.ofSeconds(10);
    /** Those that ended are shown this long, and kept for thirty days. */
    private static final Duration SHOWN = Duration.ofDays(1);

    private static final Duration KEPT = Duration.ofDays(30);
    private static final String OPEN = "state in (WAITING, FETCHING, CHECKING)";

    @ApplicationScoped
    static class ImportRows implements PanacheRepositoryBase<ImageImportEntity, UUID> {}

    /**
     * What is to be fetched.
     *
     * @param digest SHA-256 or SHA-512 of the file in hexadecimal digits, or empty
     * @param digestUrl where a list of digests lies that has the file's, or empty
     * @param signatureUrl where the list's detached OpenPGP signature lies, or empty
     */
    public record Wish(Images.Draft image, String url, String digest, String digestUrl, String signatureUrl) {}

    /** An import that is the claimant's, as the given attempt. */
    record Claim(UUID id, int attempt, Wish wish, Caller requester) {
        /** The name that a list of digests has for the file. */
        String fileName() {
            String path = UrlGuard.parse(wish.url()).map(URI::getPath).orElse("");
            return path.substring(path.lastIndexOf('/') + 1);
        }
    }

    private final ImportRows rows;
    private final Images images;
    private final ImageSites sites;
    private final ImageSignature signatures;
    private final LibraryConfig config;
    private final Audit audit;
    private final Event<ImageImportWanted> wanted;
    private final Clock clock;

    ImageImports(
            ImportRows rows,
            Images images,
            ImageSites sites,
            ImageSignature signatures,
            LibraryConfig config,
            Audit audit,
            Event<ImageImportWanted> wanted,
            Clock clock) {
        this.rows = rows;
        this.images = images;
        this.sites = sites;
        this.signatures = signatures;
        this.config = config;
        this.audit = audit;
        this.wanted = wanted;
        this.clock = clock;
    }

    /** Whether any host is named that images may be fetched from. */
    public boolean on() {
        return sites.on();
    }

    /** Whether lists of digests have to be signed. */
    public boolean signed() {
        return signatures.on();
    }

    /** Those that are under way, and those that ended lately; newest first. */
    @Transactional
    public List<ImageImport> list(Caller caller) {
        caller.requireSeesAll();
        return rows
                .list(
                        OPEN + " or finishedAt > ?1 order by requestedAt desc",
                        clock.instant().minus(SHOWN))
                .stream()
                .map(ImageImportEntity::toImport)
                .toList();
    }

    @Transactional
    public ImageImport get(Caller caller, UUID id) {
        caller.requireSeesAll();
        return rows.findByIdOptional(id)
                .orElseThrow(() -> ProblemException.notFound("import"))
                .toImport();
    }

    @Transactional
    public ImageImport start(Caller caller, Wish wish) {
        caller.requireAdmin();
        if (!sites.on()) {
            throw ProblemException.conflict("switched-off", ImageSites.OFF);
        }
        check(wish);
        // One after the other, so that the bound holds.
        rows.getEntityManager()
                .createNativeQuery("lock table image_import in share row exclusive mode")
                .executeUpdate();
        if (rows.count(OPEN) >= MAX_OPEN) {
            throw ProblemException.tooMany(
                    "too-many", MAX_OPEN + " images wait to be fetched already. Try again when some are here.");
        }
        String name = wish.image().name();
        boolean taken = images.list().stream().anyMatch(image -> image.name().equals(name))
                || rows.count(OPEN + " and name = ?1", name) > 0;
        if (taken) {
            throw ProblemException.conflict("taken", "There is an image named " + name + " already.");
        }
        ImageImportEntity row = new ImageImportEntity();
        row.id = UUID.randomUUID();
        row.name = name;
        row.description = wish.image().description();
        row.format = wish.image().format();
        row.url = wish.url();
        row.digest = ImageDigest.of(wish.digest()).map(ImageDigest::hex).orElse("");
        row.digestUrl = wish.digestUrl();
        row.signatureUrl = wish.signatureUrl();
        row.state = ImageImport.State.WAITING;
        row.requestedBy = caller.username();
        row.requesterId = caller.userId();
        row.requestedAt = clock.instant();
        row.dueAt = Instant.EPOCH;
        rows.persistAndFlush(row);
        audit.record(caller, "image.fetch", subject(row), Map.of("url", row.shownUrl(), "digest", row.digest));
        changed();
        wanted.fire(new ImageImportWanted());
        return row.toImport();
    }

    private void check(Wish wish) {
        Checks checks = wish.image().checks();
        sites.checkImage(checks, "url", wish.url());
        boolean byHand = !wish.digest().isBlank();
        boolean byList = !wish.digestUrl().isBlank();
        boolean needed = config.urlDigestRequired() && !byHand && !byList;
        checks.require(
                        "digest",
                        !needed,
                        "Give the file's SHA-256 or SHA-512, or the address of the list that has it: the server alone"
                                + " is no proof of what it sends.")
                .require("digest", !byHand || !byList, "Give either the digest or the address of a list.")
                .require(
                        "digest",
                        !byHand || ImageDigest.of(wish.digest()).isPresent(),
                        "Write a SHA-256 or a SHA-512: 64 or 128 hexadecimal digits.");
        if (byList) {
            sites.check(checks, "digestUrl", wish.digestUrl());
        }
        if (!wish.signatureUrl().isBlank()) {
            sites.check(checks, "signatureUrl", wish.signatureUrl());
            checks.require("signatureUrl", byList, "A signature belongs to a list of digests: give its address.")
                    .require(
                            "signatureUrl",
                            signatures.on(),
                            "Signatures can't be checked here: berth.library.url-keyring names no keys.");
        }
        checks.throwIfAny();
    }

    /** Stops one that is not all here yet. */
    @Transactional
    public ImageImport cancel(Caller caller, UUID id) {
        caller.requireAdmin();
        ImageImportEntity row = rows.findById(id, LockModeType.PESSIMISTIC_WRITE);
        if (row == null) {
            throw ProblemException.notFound("import");
        }
        if (row.state.cancellable()) {
            row.state = ImageImport.State.CANCELLED;
            row.failure = "Cancelled by " + caller.username() + ".";
            row.finishedAt = clock.instant();
            audit.record(caller, "image.cancel-fetch", subject(row), Map.of());
            changed();
        } else if (row.state == ImageImport.State.CHECKING) {
            throw ProblemException.conflict(
                    "wrong-state", "It is here already and being checked. Retire it afterwards.");
        }
        return row.toImport();
    }

    /** Takes the one that has waited longest. The database's clock counts, which all processes share. */
    @Transactional
    Optional<Claim> claim() {
        List<?> found = rows.getEntityManager()
                .createNativeQuery(
                        """
                        update image_import
                           set state = case state when 'WAITING' then 'FETCHING' else state end, attempts = attempts + 1,
                               claimed_until = now() + make_interval(secs => :claim)
                         where id = (select id from image_import
                                      where state in ('WAITING', 'FETCHING', 'CHECKING') and due_at <= now()
                                        and (claimed_until is null or claimed_until < now())
                                      order by requested_at, id limit 1 for update skip locked)
                        returning id""",
                        UUID.class)
                .setParameter("claim", CLAIM_SECONDS)
                .getResultList();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        ImageImportEntity row = rows.findById((UUID) found.get(0));
        Wish wish = new Wish(
                new Images.Draft(row.name, row.description, row.format),
                row.url,
                row.digest,
                row.digestUrl,
                row.signatureUrl);
        changed();
        return Optional.of(new Claim(
                row.id,
                row.attempts,
                wish,
                new Caller(row.requesterId, row.requestedBy, true, Map.of(), "import by address")));
    }

    /** @return false when it is no longer the claimant's to fetch */
    @Transactional
    boolean goesOn(Claim claim, long done, long total, long bytesPerSecond) {
        int mine = rows.getEntityManager()
                .createNativeQuery(
                        """
                        update image_import set claimed_until = now() + make_interval(secs => :claim),
                               done_bytes = :done, total_bytes = :total, bytes_per_second = :rate
                         where id = :id and attempts = :attempt and state in ('FETCHING', 'CHECKING')""")
                .setParameter("claim", CLAIM_SECONDS)
                .setParameter("done", done)
                .setParameter("total", total)
                .setParameter("rate", bytesPerSecond)
                .setParameter("id", claim.id())
                .setParameter("attempt", claim.attempt())
                .executeUpdate();
        if (mine > 0) {
            changed();
        }
        return mine > 0;
    }

    /** All of it is here: from now on nobody stops it. */
    @Transactional
    boolean checking(Claim claim, long bytes) {
        return goesOn(claim, bytes, bytes, 0) && end(claim, ImageImport.State.CHECKING, "", null);
    }

    @Transactional
    void done(Claim claim) {
        end(claim, ImageImport.State.DONE, "", clock.instant());
    }

    /** @param passing whether to try again, if it has not been tried often enough */
    @Transactional
    void failed(Claim claim, String sentence, boolean passing) {
        if (passing && claim.attempt() < MAX_ATTEMPTS) {
            rows.getEntityManager()
                    .createNativeQuery(
                            """
                            update image_import set state = 'WAITING', failure = :failure, claimed_until = null,
                                   due_at = now() + make_interval(secs => :pause), bytes_per_second = 0
                             where id = :id and attempts = :attempt and state in ('FETCHING', 'CHECKING')""")
                    .setParameter("failure", sentence)
                    .setParameter("pause", PAUSE.toSeconds() * claim.attempt())
                    .setParameter("id", claim.id())
                    .setParameter("attempt", claim.attempt())
                    .executeUpdate();
            changed();
        } else if (end(claim, ImageImport.State.FAILED, sentence, clock.instant())) {
            audit.record(
                    claim.requester(),
                    "image.fail-fetch",
                    Audit.Subject.global(
                            "image", claim.id(), claim.wish().image().name()),
                    Map.of("reason", sentence));
        }
    }

    private boolean end(Claim claim, ImageImport.State state, String failure, Instant at) {
        int mine = rows.update(
                "state = ?1, failure = ?2, finishedAt = ?3, bytesPerSecond = 0"
                        + " where id = ?4 and attempts = ?5 and state in (FETCHING, CHECKING)",
                state,
                failure,
                at,
                claim.id(),
                claim.attempt());
        if (mine > 0) {
            changed();
        }
        return mine > 0;
    }

    /** Those that somebody may be fetching. */
    @Transactional
    List<UUID> open() {
        return rows.getEntityManager()
                .createQuery("select id from ImageImportEntity where " + OPEN, UUID.class)
                .getResultList();
    }

    @Transactional
    void forgetOld() {
        rows.delete("finishedAt < ?1", clock.instant().minus(KEPT));
    }

    private static Audit.Subject subject(ImageImportEntity row) {
        return Audit.Subject.global("image", row.id, row.name);
    }

    /** Open pages of admins show it, once the transaction is through. */
    private void changed() {
        rows.getEntityManager()
                .createNativeQuery("select pg_notify('berth_changes', 'image::imports')", Object.class)
                .getSingleResult();
    }
}
