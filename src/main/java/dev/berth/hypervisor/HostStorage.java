package dev.berth.hypervisor;

import java.util.List;

/**
 * What a host has that disks could be put on. All sizes in bytes.
 *
 * @param directories one for each file system that has room for disks
 * @param groups LVM's volume groups
 * @param devices whole block devices, in use or not
 */
public record HostStorage(List<Directory> directories, List<Group> groups, List<Device> devices) {
    /** A directory that suggests itself on a file system; it need not be there yet. */
    public record Directory(String path, long total, long free) {}

    /** A volume group. */
    public record Group(String name, long total, long free) {}

    /**
     * A whole block device.
     *
     * @param path stays the same over restarts where the host knows such a name
     * @param name the kernel's, {@code sda}
     * @param use what is seen on it, in words; empty when nothing is
     */
    public record Device(String path, String name, long bytes, String model, String use) {}
}
