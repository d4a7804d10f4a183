package dev.berth.hypervisor;

import java.util.List;
import java.util.UUID;

/**
 * Everything a domain is made of. The domain's UUID is the machine's id.
 *
 * @param name the domain's name, unless another domain of its host is called so
 * @param installationId marks what this installation made; nothing without that mark is ever deleted
 */
public record DomainSpec(
        UUID machineId,
        String name,
        UUID installationId,
        String tenant,
        String machineName,
        int vcpus,
        long memoryMib,
        List<DiskSpec> disks,
        List<NicSpec> nics,
        List<ShareSpec> shares,
        BootSpec boot) {

    /** One that shares no directories and starts from its first disk. */
    public DomainSpec(
            UUID machineId,
            String name,
            UUID installationId,
            String tenant,
            String machineName,
            int vcpus,
            long memoryMib,
            List<DiskSpec> disks,
            List<NicSpec> nics) {
        this(
                machineId,
                name,
                installationId,
                tenant,
                machineName,
                vcpus,
                memoryMib,
                disks,
                nics,
                List.of(),
                BootSpec.DISK);
    }

    /** The same machine under this name. */
    DomainSpec withName(String other) {
        return new DomainSpec(
                machineId, other, installationId, tenant, machineName, vcpus, memoryMib, disks, nics, shares, boot);
    }

    /** The same machine with these disks. */
    public DomainSpec withDisks(List<DiskSpec> others) {
        return new DomainSpec(
                machineId, name, installationId, tenant, machineName, vcpus, memoryMib, others, nics, shares, boot);
    }

    /** The same machine with these shared directories. */
    public DomainSpec withShares(List<ShareSpec> others) {
        return new DomainSpec(
                machineId, name, installationId, tenant, machineName, vcpus, memoryMib, disks, nics, others, boot);
    }
}
