package dev.berth.hypervisor;

/** A domain's state as libvirt sees it (virDomainState), folded to what Berth tells apart. */
public enum DomainState {
    RUNNING,
    PAUSED,
    SHUTTING_DOWN,
    STOPPED,
    CRASHED
}
