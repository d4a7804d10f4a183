package dev.berth.catalog;

import dev.berth.audit.Audit;
import dev.berth.hypervisor.ShareMount;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.hypervisor.disk.Ability;
import dev.berth.hypervisor.disk.DiskFit;
import dev.berth.hypervisor.disk.DiskKind;
import dev.berth.hypervisor.disk.ShareKind;
import io.quarkus.arc.All;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.transaction.Transactional;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** Named uses of the disk kinds. */
@Singleton
public class StorageProfiles extends Profiles<StorageProfileEntity> {
    @ApplicationScoped
    static class StorageProfileRepository implements PanacheRepositoryBase<StorageProfileEntity, UUID> {}

    private final List<DiskKind> kinds;
    private final Event<StorageProfileChanged> changes;
    private final Path images;

    @Inject
    StorageProfiles(
            StorageProfileRepository profiles,
            @All List<DiskKind> kinds,
            ProfileChecks checks,
            ProfileUse use,
            Event<StorageProfileChanged> changes,
            LibraryConfig library,
            Audit audit,
            Clock clock) {
        super("storage profile", profiles, StorageProfileEntity::new, new Tools(checks, use, audit, clock));
        this.kinds = kinds;
        this.changes = changes;
        this.images = Path.of(library.directory()).toAbsolutePath().normalize();
    }

    @Override
    public List<Kind> kinds() {
        return kinds.stream()
                .map(kind -> new Kind(kind.id(), kind.traits(), kind.fields()))
                .toList();
    }

    /** What each kind does for whom, by its id. */
    public DiskFit fit(String kind) {
        return diskKind(kind).fit();
    }

    private DiskKind diskKind(String kind) {
        return kinds.stream()
                .filter(candidate -> candidate.id().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    @Override
    protected Map<String, String> validate(String kind, Map<String, String> config, UUID own) {
        Map<String, String> problems = diskKind(kind).validate(config);
        return problems.isEmpty() ? overlaps(diskKind(kind), config, own) : problems;
    }

    /** A directory that is shared with machines is nobody else's, and no machine's disks or images are in it. */
    private Map<String, String> overlaps(DiskKind kind, Map<String, String> config, UUID own) {
        return kind.directory(config)
                .flatMap(directory -> sharesFiles(kind.id()) && overlap(directory, images)
                        ? Optional.of("The image library is there. Choose another directory.")
                        : list().stream()
                                .filter(profile -> !profile.id().equals(own))
                                .filter(profile -> harms(kind, config, directory, profile))
                                .filter(profile -> !profile.retired() || usedBy(profile.id()) > 0)
                                .findFirst()
                                .map(profile -> "Storage profile " + profile.slug()
                                        + " has this directory, one above it or one in it. Choose another."))
                .map(problem -> Map.of("path", problem))
                .orElse(Map.of());
    }

    private boolean harms(DiskKind kind, Map<String, String> config, Path directory, Profile profile) {
        if (!known(profile.kind()) || !sharesFiles(kind.id()) && !sharesFiles(profile.kind())) {
            return false;
        }
        DiskKind other = diskKind(profile.kind());
        boolean beside = kind.id().equals(profile.kind())
                && kind instanceof ShareKind sharing
                && sharing.sharesBeside(config, profile.config());
        return !beside
                && other.directory(profile.config())
                        .filter(theirs -> overlap(directory, theirs))
                        .isPresent();
    }

    private static boolean overlap(Path one, Path other) {
        return one.startsWith(other) || other.startsWith(one);
    }

    private boolean known(String kind) {
        return kinds.stream().anyMatch(candidate -> candidate.id().equals(kind));
    }

    private boolean sharesFiles(String kind) {
        return known(kind) && diskKind(kind).abilities().contains(Ability.SHARED_FILES);
    }

    /** Whether it is a directory that machines share, and so nothing that a disk can be on. */
    public boolean sharesFiles(Profile profile) {
        return sharesFiles(profile.kind());
    }

    /** How a guest mounts the directory of a profile that {@link #sharesFiles}. */
    public ShareMount mount(Profile profile) {
        return ((ShareKind) diskKind(profile.kind())).mount(spec(profile));
    }

    /** What disks on the profile can do; nothing for a kind that this build does not know. */
    public Set<Ability> abilities(Profile profile) {
        return kinds.stream()
                .filter(candidate -> candidate.id().equals(profile.kind()))
                .findFirst()
                .map(DiskKind::abilities)
                .orElse(Set.of());
    }

    @Override
    protected void settingsChanged(UUID profileId) {
        changes.fire(new StorageProfileChanged(profileId));
    }

    /** The profiles whose disks keep reading the image that they started from. */
    @Transactional
    public Set<UUID> leaningOnImages() {
        Set<String> leaning = kinds.stream()
                .filter(kind -> kind.abilities().contains(Ability.OVERLAY))
                .map(DiskKind::id)
                .collect(Collectors.toSet());
        return list().stream()
                .filter(profile -> leaning.contains(profile.kind()))
                .map(Profile::id)
                .collect(Collectors.toSet());
    }

    public static StorageSpec spec(Profile profile) {
        return new StorageSpec(profile.id(), profile.slug(), profile.kind(), profile.config());
    }
}
