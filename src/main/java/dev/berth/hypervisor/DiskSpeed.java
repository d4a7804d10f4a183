package dev.berth.hypervisor;

/**
 * How fast a disk of a host is, measured.
 *
 * @param writeBytes in pieces of a MiB, a second; as is {@code readBytes}
 * @param writeOps pieces of 4 KiB, apart from each other, a second; as is {@code readOps}
 */
public record DiskSpeed(long writeBytes, long readBytes, long writeOps, long readOps) {}
