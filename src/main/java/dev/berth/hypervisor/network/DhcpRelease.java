package dev.berth.hypervisor.network;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A DHCPRELEASE (RFC 2131) on behalf of a card that is gone. libvirt's DHCP server keeps a lease in its own memory until
 * it runs out, whatever libvirt is told, and would not give the address to the next machine until then. The packet has
 * to look as if it came in on the network's bridge, hence the socket option that Java does not offer.
 */
final class DhcpRelease {
    static final int DISCOVER = 1;
    static final int REQUEST = 3;
    static final int RELEASE = 7;

    private static final int SERVER_PORT = 67;
    private static final int PACKET_BYTES = 300;
    private static final int COOKIE_OFFSET = 236;
    private static final int MAGIC_COOKIE = 0x63825363;

    private DhcpRelease() {}

    private interface Libc extends Library {
        Libc INSTANCE = Native.load("c", Libc.class);
        int AF_INET = 2;
        int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
        int SOL_SOCKET = 1;
        int SO_BINDTODEVICE = 25;

        int socket(int domain, int type, int protocol) throws LastErrorException;

        int setsockopt(int socket, int level, int option, byte[] value, int length) throws LastErrorException;

        long sendto(int socket, byte[] data, long length, int flags, byte[] address, int addressLength)
                throws LastErrorException;

        int close(int socket);
    }

    /** @throws IOException when the packet could not be sent */
    static void send(String bridge, String gateway, String mac, String address) throws IOException {
        transmit(bridge, gateway, packet(RELEASE, mac, address, gateway));
    }

    static void transmit(String bridge, String gateway, byte[] packet) throws IOException {
        byte[] device = bridge.getBytes(StandardCharsets.US_ASCII);
        byte[] to = ByteBuffer.allocate(16)
                .order(java.nio.ByteOrder.nativeOrder())
                .putShort((short) Libc.AF_INET)
                .order(java.nio.ByteOrder.BIG_ENDIAN)
                .putShort((short) SERVER_PORT)
                .put(bytes(gateway))
                .array();
        try {
            int socket = Libc.INSTANCE.socket(Libc.AF_INET, Libc.SOCK_DGRAM_CLOEXEC, 0);
            try {
                Libc.INSTANCE.setsockopt(socket, Libc.SOL_SOCKET, Libc.SO_BINDTODEVICE, device, device.length);
                Libc.INSTANCE.sendto(socket, packet, packet.length, 0, to, to.length);
            } finally {
                Libc.INSTANCE.close(socket);
            }
        } catch (LastErrorException e) {
            throw new IOException("The DHCP packet could not be sent on " + bridge, e);
        }
    }

    /** @param address the address that is held (RELEASE) or wished for (REQUEST) */
    static byte[] packet(int type, String mac, String address, String server) throws IOException {
        ByteBuffer packet = ByteBuffer.allocate(PACKET_BYTES);
        packet.put((byte) 1).put((byte) 1).put((byte) 6).put((byte) 0).putInt(mac.hashCode());
        packet.putInt(0).put(type == RELEASE ? bytes(address) : new byte[4]);
        packet.position(28);
        packet.put(HexFormat.ofDelimiter(":").parseHex(mac));
        packet.position(COOKIE_OFFSET);
        packet.putInt(MAGIC_COOKIE);
        packet.put(new byte[] {53, 1, (byte) type});
        packet.put(new byte[] {54, 4}).put(bytes(server));
        if (type == REQUEST) {
            packet.put(new byte[] {50, 4}).put(bytes(address));
        }
        packet.put((byte) 0xFF);
        return packet.array();
    }

    private static byte[] bytes(String address) throws IOException {
        InetAddress parsed = InetAddress.getByName(address);
        if (!(parsed instanceof Inet4Address)) {
            throw new IOException("Not an IPv4 address");
        }
        return parsed.getAddress();
    }
}
