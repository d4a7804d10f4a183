package dev.berth.machines;

import dev.berth.catalog.Profile;
import dev.berth.catalog.Revision;
import dev.berth.catalog.Size;
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
        UUID snapshotId) {}
