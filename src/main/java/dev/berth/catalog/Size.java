package dev.berth.catalog;

import java.util.UUID;

/** A machine's figures, like a cloud's flavor. */
public record Size(UUID id, String slug, String name, int vcpus, long memoryMib, long diskGib, boolean retired) {
    /** {@code 2 vCPUs, 1 GiB memory, 10 GiB disk}. */
    public String words() {
        return vcpus + (vcpus == 1 ? " vCPU, " : " vCPUs, ") + memory() + " memory, " + diskGib + " GiB disk";
    }

    public String memory() {
        return memoryMib % 1024 == 0 ? memoryMib / 1024 + " GiB" : memoryMib + " MiB";
    }
}
