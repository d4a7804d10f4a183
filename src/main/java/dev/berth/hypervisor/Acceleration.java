package dev.berth.hypervisor;

/** How a host runs guests; {@code AUTO} finds out by booting something tiny once. */
public enum Acceleration {
    AUTO,
    KVM,
    QEMU
}
