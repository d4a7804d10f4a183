package dev.berth.hypervisor.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The ports on which this machine's own services hear others, from the kernel's tables (proc(5), {@code /proc/net/tcp}
 * and its kin). What listens on the loopback device alone doesn't count: nobody outside reaches it.
 */
final class ListeningPorts {
    private static final List<String> TABLES = List.of("tcp", "tcp6", "udp", "udp6");
    private static final String TCP_LISTEN = "0A";
    /** A UDP socket without a peer. */
    private static final String UDP_UNCONNECTED = "07";

    private static final List<String> LOOPBACK =
            List.of("0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F");

    private ListeningPorts() {}

    /** Those within the range, as {@code 20022/tcp}, lowest first. */
    static List<String> within(PortRange range) {
        TreeSet<String> found = new TreeSet<>();
        for (String table : TABLES) {
            try (Stream<String> lines = Files.lines(Path.of("/proc/net", table))) {
                lines.skip(1).map(line -> line.strip().split("\\s+")).forEach(line -> {
                    String[] local = line[1].split(":");
                    int port = Integer.parseInt(local[1], 16);
                    boolean hears = line[3].equals(table.startsWith("tcp") ? TCP_LISTEN : UDP_UNCONNECTED);
                    boolean outside = !LOOPBACK.contains(local[0]);
                    if (hears && outside && range.contains(port)) {
                        found.add(port + "/" + table.substring(0, 3));
                    }
                });
            } catch (IOException e) {
                // A kernel without IPv6 has no such table.
            }
        }
        return List.copyOf(found);
    }
}
