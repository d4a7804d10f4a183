package dev.berth.hypervisor;

/** A port of the host that leads to a port of a machine: {@code host:hostPort -> address:guestPort}. */
public record ForwardSpec(Protocol protocol, int hostPort, String address, int guestPort) {
    /** What is forwarded. */
    public enum Protocol {
        TCP,
        UDP
    }
}
