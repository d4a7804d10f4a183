package dev.berth.hypervisor;

import java.util.UUID;

/**
 * One network card of a machine.
 *
 * @param position from 0; decides where on the PCI bus the guest finds it, for life
 * @param hostName the machine's name, given out with its address
 * @param address the fixed IPv4 address, or null where the kind gives none
 */
public record NicSpec(UUID machineId, NetworkSpec network, int position, String mac, String address, String hostName) {}
