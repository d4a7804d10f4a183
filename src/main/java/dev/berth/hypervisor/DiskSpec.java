package dev.berth.hypervisor;

import java.util.UUID;

/**
 * One disk as a host needs it.
 *
 * @param id the disk's own id, the same for life; the guest reads its beginning as the disk's serial number
 * @param volume names what holds the disk's bytes on the host: a disk that is moved gets another
 * @param machineId the machine that has it, or null for one that is kept by itself
 * @param target the device name in the guest, {@code vda} and so on; empty for one that is kept by itself
 * @param base the image that the disk starts from, or null for an empty disk
 * @param place the whole device that was handed out for the disk, for kinds that hand out devices; empty for others
 */
public record DiskSpec(
        UUID id,
        UUID volume,
        UUID machineId,
        String target,
        long sizeGib,
        StorageSpec storage,
        BaseImage base,
        String place) {
    private static final int MOST_SERIAL = 20;

    /** A read-only image in the library. Its format is stated, never guessed. */
    public record BaseImage(String path, String format) {}

    public long bytes() {
        return Math.multiplyExact(sizeGib, 1L << 30);
    }

    /** The serial number that the guest sees; virtio has room for twenty characters. */
    public String serial() {
        return serialOf(id);
    }

    /** The serial number of the disk with this id. */
    public static String serialOf(UUID id) {
        return id.toString().replace("-", "").substring(0, MOST_SERIAL);
    }
}
