package dev.berth.hypervisor;

/** How fast a machine's system disk is inside its guest, by the guest's word. Bytes a second. */
public record GuestSpeed(long writeBytes, long readBytes) {}
