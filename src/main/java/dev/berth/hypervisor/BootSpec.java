package dev.berth.hypervisor;

/**
 * What a machine starts from.
 *
 * @param kernel for {@link From#KERNEL}, else null
 * @param initrd the initial RAM disk that goes with the kernel, or null
 * @param commandLine the kernel's
 */
public record BootSpec(From from, BootFile kernel, BootFile initrd, String commandLine) {
    /** Its first disk. */
    public static final BootSpec DISK = new BootSpec(From.DISK, null, null, "");

    /** A boot server on the network of its first card. */
    public static final BootSpec NETWORK = new BootSpec(From.NETWORK, null, null, "");

    public enum From {
        DISK,
        NETWORK,
        KERNEL
    }

    /**
     * A file in the image library.
     *
     * @param sha256 of what was imported, lower-case hex: a file that is something else is not started from
     */
    public record BootFile(String path, String sha256) {}
}
