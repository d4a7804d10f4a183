package dev.berth.machines;

import dev.berth.catalog.Images;
import dev.berth.catalog.Profile;
import dev.berth.catalog.StorageProfiles;
import dev.berth.hypervisor.DiskSpec;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** Disks as a host needs them. */
@ApplicationScoped
class DiskSpecs {
    private final StorageProfiles storage;
    private final Images images;

    DiskSpecs(StorageProfiles storage, Images images) {
        this.storage = storage;
        this.images = images;
    }

    /** The storage profiles of these disks, by id; one query for all. */
    Map<UUID, Profile> profiles(Collection<DiskEntity> disks) {
        Set<UUID> ids = disks.stream().map(disk -> disk.storageProfileId).collect(Collectors.toSet());
        return ids.isEmpty()
                ? Map.of()
                : storage.find(ids).stream().collect(Collectors.toMap(Profile::id, profile -> profile));
    }

    /** In the order of the rows. */
    List<MachineDisk> of(List<DiskEntity> disks) {
        Map<UUID, Profile> profiles = profiles(disks);
        return disks.stream()
                .map(disk -> new MachineDisk(
                        disk.id,
                        spec(disk, profiles.get(disk.storageProfileId)),
                        disk.isSystem(),
                        disk.pending,
                        disk.removing,
                        disk.deleting,
                        disk.made))
                .toList();
    }

    DiskSpec spec(DiskEntity disk, Profile profile) {
        return new DiskSpec(
                disk.id,
                disk.volume,
                disk.machineId,
                disk.target == null ? "" : disk.target,
                disk.sizeGib,
                StorageProfiles.spec(profile),
                disk.imageId == null ? null : base(disk.imageId),
                disk.place);
    }

    private DiskSpec.BaseImage base(UUID imageId) {
        return images.base(images.find(imageId).orElseThrow());
    }
}
