package dev.berth.hypervisor;

/** Starts and ends the connections to libvirt hosts. A process that serves no host never calls it. */
public interface HypervisorLifecycle extends AutoCloseable {
    /** Begins to connect every configured host in the background and returns at once. */
    void start();

    /** Ends the connections; calls under way finish. Guests are not touched. */
    @Override
    void close();
}
