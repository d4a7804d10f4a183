package dev.berth.hypervisor;

/**
 * What a libvirt host told about itself.
 *
 * @param domainType {@code kvm} or {@code qemu}, libvirt's word for how guests run there
 */
public record HostFacts(
        String hostname,
        String arch,
        int cpus,
        long memoryMib,
        String libvirtVersion,
        String hypervisorVersion,
        String domainType) {}
