package dev.berth.hypervisor;

/**
 * How QEMU's tools on a host reach the bytes of a disk or image.
 *
 * @param format {@code raw} or {@code qcow2}: stated, never guessed
 * @param path a file or block device
 */
public record BlockSource(String format, String path) {}
