package dev.berth.machines;

import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.hypervisor.ShareSpec;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** The directories that machines share. */
@ApplicationScoped
class ShareRows implements PanacheRepositoryBase<ShareEntity, UUID> {
    private final StorageProfiles storage;

    ShareRows(StorageProfiles storage) {
        this.storage = storage;
    }

    /** Those of a machine, by name. */
    List<ShareEntity> of(UUID machineId) {
        return list("machineId = ?1 order by storageSlug", machineId);
    }

    /** The storage profiles of these, by id; one query for all. */
    Map<UUID, Profile> profiles(Collection<ShareEntity> shares) {
        Set<UUID> ids = shares.stream().map(share -> share.storageProfileId).collect(Collectors.toSet());
        return ids.isEmpty()
                ? Map.of()
                : storage.find(ids).stream().collect(Collectors.toMap(Profile::id, profile -> profile));
    }

    /** Those of a machine as its host needs them. */
    List<MachineShare> specs(MachineEntity machine) {
        List<ShareEntity> rows = of(machine.id);
        Map<UUID, Profile> profiles = profiles(rows);
        return rows.stream()
                .map(share -> new MachineShare(
                        share.id,
                        new ShareSpec(
                                machine.id,
                                StorageProfiles.spec(profiles.get(share.storageProfileId)),
                                machine.tenantSlug),
                        share.pending,
                        share.removing))
                .toList();
    }

    /** Whether a worker has something to do with them, once the machine stops or starts. */
    boolean unfinished(UUID machineId) {
        return count("machineId = ?1 and (removing = true or pending = true)", machineId) > 0;
    }
}
