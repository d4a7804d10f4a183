package dev.berth.fleet;

/** What machines have been promised on a host. */
public record Load(long vcpus, long memoryMib) {
    public static final Load NONE = new Load(0, 0);
}
