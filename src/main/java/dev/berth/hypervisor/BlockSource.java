package dev.berth.hypervisor;

/**
 * How QEMU's tools on a host reach the bytes of a disk or image.
 *
 * @param format {@code raw} or {@code qcow2}: stated, never guessed
 * @param path a file or block device; empty for one on the network
 * @param snapshot the snapshot inside a qcow2 file that is meant, to be read only; empty for what the file holds now
 * @param lun where it is on the network, or null for a file or block device
 */
public record BlockSource(String format, String path, String snapshot, IscsiLun lun) {
    public BlockSource(String format, String path) {
        this(format, path, "", null);
    }

    public static BlockSource of(IscsiLun lun) {
        return new BlockSource("raw", "", "", lun);
    }

    /** What this snapshot keeps. The file may be in use by a running machine: what a snapshot keeps does not change. */
    public BlockSource snapshot(String name) {
        return new BlockSource(format, path, name, lun);
    }
}
