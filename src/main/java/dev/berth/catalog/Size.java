package dev.berth.catalog;

import java.util.UUID;

/**
 * A machine's figures, like a cloud's flavor.
 *
 * @param diskGib of its system disk; 0 where a template makes machines without one
 */
public record Size(UUID id, String slug, String name, int vcpus, long memoryMib, long diskGib, boolean retired) {
    /** {@code 2 vCPUs, 1 GiB memory, 10 GiB disk}. */
    public String words() {
        return vcpus + (vcpus == 1 ? " vCPU, " : " vCPUs, ") + memory() + " memory, "
                + (diskGib == 0 ? "no disk" : diskGib + " GiB disk");
    }

    /** The same for a machine that has no system disk. */
    public Size withoutDisk() {
        return new Size(id, slug, name, vcpus, memoryMib, 0, retired);
    }

    public String memory() {
        return memoryMib % 1024 == 0 ? memoryMib / 1024 + " GiB" : memoryMib + " MiB";
    }
}
