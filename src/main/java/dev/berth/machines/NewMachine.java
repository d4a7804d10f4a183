package dev.berth.machines;

import dev.berth.catalog.Profile;
import dev.berth.catalog.Revision;
import dev.berth.catalog.Size;
import dev.berth.tenancy.Amounts;
import dev.berth.tenancy.QuotaLine;
import dev.berth.tenancy.Resource;
import java.util.List;
import java.util.UUID;

/**
 * An approved request, ready to become a machine.
 *
 * @param id the id under which quota was reserved
 * @param storage where its system disk goes, or null for a machine without one
 * @param snapshotId the snapshot that it is a clone of, or null
 */
public record NewMachine(
        UUID id,
        UUID tenantId,
        String tenantSlug,
        UUID ownerId,
        String ownerName,
        String name,
        Revision revision,
        String templateName,
        Size size,
        Profile network,
        Profile storage,
        List<String> sshKeys,
        String userData,
        int leaseHours,
        UUID snapshotId) {
    /**
     * What such a machine takes of its tenant's quota.
     *
     * @param network null while it is not chosen
     * @param storage null for a machine without a disk, or while it is not chosen
     */
    public static Amounts takes(Size size, Profile network, Profile storage) {
        Amounts takes = Amounts.of(Resource.MACHINES, 1)
                .and(QuotaLine.of(Resource.VCPUS), size.vcpus())
                .and(QuotaLine.of(Resource.MEMORY_MIB), size.memoryMib())
                .and(QuotaLine.of(Resource.DISK_GIB), size.diskGib());
        if (storage != null) {
            takes = takes.and(QuotaLine.storage(storage.id(), storage.slug()), size.diskGib());
        }
        return network == null ? takes : takes.and(QuotaLine.addresses(network.id(), network.slug()), 1);
    }
}
