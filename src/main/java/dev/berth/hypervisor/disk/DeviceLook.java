package dev.berth.hypervisor.disk;

/**
 * What a host says of a device.
 *
 * @param path as it was written, stable as far as the admin knows
 * @param resolved what it leads to now; empty when it is not there
 * @param bytes its size
 * @param inUse why nothing may be written to it, a sentence; empty when nothing uses it
 * @param data what it holds that Berth did not put there, a sentence; empty when nothing was found
 */
public record DeviceLook(
        String path, String resolved, long bytes, String serial, String model, String inUse, String data) {
    /** What a device of the network leads to begins with this: it is the same one from any host. */
    public static final String ANY_HOST = "iscsi:";

    /** It is not on the host. */
    public static DeviceLook missing(String path) {
        return new DeviceLook(path, "", 0, "", "", "", "");
    }

    public boolean there() {
        return !resolved.isEmpty();
    }
}
