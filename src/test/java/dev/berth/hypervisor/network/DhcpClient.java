package dev.berth.hypervisor.network;

import java.io.IOException;

/** Asks a network's DHCP server for an address as a guest would, without one. */
public final class DhcpClient {
    private DhcpClient() {}

    public static void request(String bridge, String server, String mac, String address) throws IOException {
        DhcpRelease.transmit(bridge, server, DhcpRelease.packet(DhcpRelease.REQUEST, mac, address, server));
    }
}
