package dev.berth.requests;

import dev.berth.common.Hours;
import dev.berth.tenancy.Resource;
import jakarta.persistence.DiscriminatorValue;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A request for a machine. */
@Entity
@Table(name = "machine_request")
@DiscriminatorValue("MACHINE")
class MachineRequestEntity extends RequestEntity {
    UUID revisionId;
    String templateName;
    int revisionNumber;
    UUID sizeId;
    String sizeName;
    int vcpus;
    long memoryMib;
    long diskGib;
    UUID networkProfileId;
    String networkSlug;

    /** Null for a machine without a disk; its name is empty then. */
    UUID storageProfileId;

    String storageSlug;
    String sshKeys;
    String userData;
    int leaseHours;

    /** The snapshot that it shall be a clone of, or null. */
    UUID snapshotId;

    List<String> keys() {
        return sshKeys.lines().toList();
    }

    @Override
    Request.Kind kind() {
        return Request.Kind.MACHINE;
    }

    @Override
    String summary() {
        return "%s, %s: %s, %s".formatted(templateName, sizeName, figures(), Hours.words(leaseHours));
    }

    private String figures() {
        return "%d vCPU, %s memory, %s"
                .formatted(
                        vcpus, Resource.MEMORY_MIB.amount(memoryMib), diskGib == 0 ? "no disk" : diskGib + " GiB disk");
    }

    @Override
    List<Request.Fact> facts() {
        List<Request.Fact> facts = new ArrayList<>(List.of(
                new Request.Fact(
                        "Template",
                        templateName + ", revision " + revisionNumber
                                + (snapshotId == null ? "" : ", as a clone of a machine's snapshot")),
                new Request.Fact("Size", sizeName + ": " + figures()),
                new Request.Fact("Network", networkSlug),
                new Request.Fact("Storage", storageSlug.isEmpty() ? "none: it has no disk" : storageSlug),
                new Request.Fact("Lease", Hours.words(leaseHours)),
                new Request.Fact("SSH keys", Integer.toString(keys().size()))));
        if (!userData.isEmpty()) {
            facts.add(new Request.Fact("User data", userData, true));
        }
        return facts;
    }

    @Override
    Map<Resource, Long> amounts() {
        return Map.of(
                Resource.MACHINES,
                1L,
                Resource.VCPUS,
                (long) vcpus,
                Resource.MEMORY_MIB,
                memoryMib,
                Resource.DISK_GIB,
                diskGib);
    }

    @Override
    String path() {
        return "/t/" + tenantSlug + "/machines/" + machineId;
    }

    @Override
    Request.MachineAsk machineAsk() {
        return new Request.MachineAsk(
                templateName,
                revisionNumber,
                sizeName,
                vcpus,
                memoryMib,
                diskGib,
                networkSlug,
                storageSlug,
                userData,
                keys().size(),
                leaseHours,
                snapshotId);
    }
}
