package dev.berth.hypervisor.network;

import dev.berth.hypervisor.KindField;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A network device of the host as the kernel shows it in sysfs. The worker runs next to its host, so this machine's
 * devices are the host's.
 *
 * @see <a href="https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-class-net">sysfs-class-net</a>
 */
record HostDevice(String name) {
    /** At most 15 characters (IFNAMSIZ), of those that everybody uses. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,14}");

    private static final Path DEVICES = Path.of("/sys/class/net");
    private static final int UP = 1;
    private static final String ETHERNET = "1";

    /** What is wrong with this setting as a device's name, by its field. */
    static Map<String, String> problems(Map<String, String> config, KindField field) {
        return NAME.matcher(config.getOrDefault(field.name(), "")).matches()
                ? Map.of()
                : Map.of(
                        field.name(),
                        "Write the name that it has on the hosts, for example " + field.example()
                                + ": up to 15 letters, digits, dots, hyphens, underscores.");
    }

    boolean exists() {
        return Files.isDirectory(path(""));
    }

    boolean isUp() {
        String flags = read("flags");
        return flags.startsWith("0x") && (Integer.parseInt(flags.substring(2), 16) & UP) != 0;
    }

    boolean isEthernet() {
        return read("type").equals(ETHERNET);
    }

    boolean isLinuxBridge() {
        return Files.isDirectory(path("bridge"));
    }

    /** The tap device of a machine or of a VPN, rather than a way out. */
    boolean isTap() {
        return Files.exists(path("tun_flags"));
    }

    /** A machine's card on another device. */
    boolean isMacvtap() {
        return Files.exists(path("macvtap"));
    }

    /** The bridge, bond or the like that has this device as a port. */
    Optional<String> master() {
        try {
            return Optional.of(
                    Files.readSymbolicLink(path("master")).getFileName().toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The ports of a bridge. */
    List<HostDevice> ports() {
        return entries(path("brif"), "");
    }

    /** The macvtap and macvlan devices, VLANs and so on that sit on this device. */
    List<HostDevice> uppers() {
        return entries(path(""), "upper_");
    }

    private static List<HostDevice> entries(Path directory, String prefix) {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith(prefix))
                    .sorted()
                    .map(name -> new HostDevice(name.substring(prefix.length())))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The host's own IPv4 address on this device. */
    Optional<String> ipv4() {
        try {
            NetworkInterface device = NetworkInterface.getByName(name);
            return device == null
                    ? Optional.empty()
                    : device.getInterfaceAddresses().stream()
                            .map(InterfaceAddress::getAddress)
                            .filter(Inet4Address.class::isInstance)
                            .map(address -> address.getHostAddress())
                            .findFirst();
        } catch (SocketException e) {
            return Optional.empty();
        }
    }

    /** What is in one of the device's files, or empty text. */
    String read(String file) {
        try {
            return Files.readString(path(file)).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private Path path(String file) {
        return DEVICES.resolve(name).resolve(file);
    }
}
