package dev.berth.catalog;

import dev.berth.audit.Audit;
import dev.berth.hypervisor.StorageSpec;
import dev.berth.hypervisor.disk.Ability;
import dev.berth.hypervisor.disk.DiskFit;
import dev.berth.hypervisor.disk.DiskKind;
import io.quarkus.arc.All;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.List;
import java.util.Map;
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

    @Inject
    StorageProfiles(
            StorageProfileRepository profiles,
            @All List<DiskKind> kinds,
            ProfileChecks checks,
            ProfileUse use,
            Event<StorageProfileChanged> changes,
            Audit audit,
            Clock clock) {
        super("storage profile", profiles, StorageProfileEntity::new, new Tools(checks, use, audit, clock));
        this.kinds = kinds;
        this.changes = changes;
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
        return kinds.stream()
                .filter(candidate -> candidate.id().equals(kind))
                .findFirst()
                .orElseThrow()
                .validate(config);
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
