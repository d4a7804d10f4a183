package dev.berth.hypervisor;

import java.util.UUID;

/**
 * One disk of a machine. Its volume's name is made of the machine's id and the target, so that it can always be found.
 *
 * @param target the device name in the guest, {@code vda} and so on
 * @param base the image that the disk starts from, or null for an empty disk
 */
public record DiskSpec(UUID machineId, String target, long sizeGib, StorageSpec storage, BaseImage base) {

    /** A read-only image in the library. Its format is stated, never guessed. */
    public record BaseImage(String path, String format) {}
}
