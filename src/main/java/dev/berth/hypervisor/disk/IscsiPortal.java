package dev.berth.hypervisor.disk;

import dev.berth.hypervisor.HypervisorException;
import dev.berth.hypervisor.HypervisorException.Reason;
import dev.berth.hypervisor.IscsiLun;
import dev.berth.hypervisor.KindField;
import dev.berth.hypervisor.StorageSpec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a profile's target is and who signs in to it, as the profile's settings say.
 *
 * @param host a name or address, without brackets
 * @param target the target's name (RFC 7143, 4.2.7)
 * @param user for CHAP, or empty
 * @param initiator the name that hosts sign in with, or empty for QEMU's own
 */
record IscsiPortal(String host, int port, String target, String user, String initiator) {
    private static final String PORTAL = "portal";
    private static final String TARGET = "target";
    private static final String USER = "user";
    private static final String INITIATOR = "initiator";
    private static final int USUAL_PORT = 3260;
    private static final int MOST_PORT = 65535;
    static final Duration CONNECT = Duration.ofSeconds(3);

    private static final Pattern ADDRESS = Pattern.compile(
            "(?:\\[([0-9a-fA-F:]{2,39})]|([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?))(?::(\\d{1,5}))?");
    private static final Pattern NAME = Pattern.compile(
            "iqn\\.\\d{4}-\\d{2}\\.[a-z0-9][a-z0-9.-]*(?::[a-z0-9.:_-]+)?|(?:eui|naa)\\.[0-9A-Fa-f]{16,32}");
    private static final int MOST_NAME = 223;
    private static final Pattern USER_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.:@_-]{0,63}");
    private static final Pattern PLACE = Pattern.compile("(.+)/(\\d{1,5})");

    static final List<KindField> FIELDS = List.of(
            KindField.required(
                    PORTAL,
                    "Portal",
                    "The target's address, as the hosts reach it; with a port if it is not 3260.",
                    "192.0.2.10:3260"),
            KindField.required(
                    TARGET,
                    "Target",
                    "The target's name. Its LUNs are handed out whole; nothing else should use them.",
                    "iqn.2026-01.com.example:berth"),
            KindField.optional(
                    USER,
                    "CHAP user",
                    "Empty if the target lets hosts in without. The secret is entered on the profile's page when the"
                            + " profile is there.",
                    "berth"),
            KindField.optional(
                    INITIATOR,
                    "Initiator name",
                    "For targets that let in certain names only. Empty for QEMU's own.",
                    "iqn.2026-01.com.example:hosts"));

    static Map<String, String> problems(Map<String, String> config) {
        Map<String, String> problems = new LinkedHashMap<>();
        Matcher address = ADDRESS.matcher(text(config, PORTAL));
        if (!address.matches() || port(address) < 1 || port(address) > MOST_PORT) {
            problems.put(PORTAL, "Write a host's name or address, and a port if need be, for example 192.0.2.10:3260.");
        }
        if (!isName(text(config, TARGET))) {
            problems.put(TARGET, "Write the target's whole name, for example iqn.2026-01.com.example:berth.");
        }
        if (!text(config, USER).isEmpty()
                && !USER_NAME.matcher(text(config, USER)).matches()) {
            problems.put(USER, "Use at most 64 letters, digits and . : @ _ -, or leave it empty.");
        }
        if (!text(config, INITIATOR).isEmpty() && !isName(text(config, INITIATOR))) {
            problems.put(
                    INITIATOR, "Write a whole name, for example iqn.2026-01.com.example:hosts, or leave it empty.");
        }
        return problems;
    }

    private static boolean isName(String name) {
        return name.length() <= MOST_NAME && NAME.matcher(name).matches();
    }

    private static int port(Matcher address) {
        return address.group(3) == null ? USUAL_PORT : Integer.parseInt(address.group(3));
    }

    private static String text(Map<String, String> config, String name) {
        return config.getOrDefault(name, "");
    }

    /** @throws HypervisorException {@code REJECTED} if the settings have {@link #problems} */
    static IscsiPortal of(StorageSpec storage) {
        Map<String, String> config = storage.config();
        problems(config).values().stream().findFirst().ifPresent(problem -> {
            throw new HypervisorException(Reason.REJECTED, problem);
        });
        Matcher address = ADDRESS.matcher(text(config, PORTAL));
        if (!address.matches()) {
            throw new IllegalStateException("The pattern has just matched");
        }
        return new IscsiPortal(
                address.group(1) == null ? address.group(2) : address.group(1),
                port(address),
                text(config, TARGET),
                text(config, USER),
                text(config, INITIATOR));
    }

    /** {@code host:port}, an IPv6 address in brackets. */
    String address() {
        return (host.contains(":") ? '[' + host + ']' : host) + ':' + port;
    }

    boolean signsIn() {
        return !user.isEmpty();
    }

    IscsiLun lun(int number, byte[] secret) {
        return new IscsiLun(address(), target, number, initiator, user, secret);
    }

    String place(int number) {
        return target + '/' + number;
    }

    static boolean isPlace(String place) {
        Matcher parts = PLACE.matcher(place);
        return parts.matches() && isName(parts.group(1));
    }

    /** The number of the LUN that was handed out. @throws HypervisorException {@code REJECTED} if it is not of this target */
    int number(String place) {
        Matcher parts = PLACE.matcher(place);
        if (!parts.matches() || !parts.group(1).equals(target)) {
            throw new HypervisorException(
                    Reason.REJECTED,
                    place.isEmpty()
                            ? "No LUN was handed out for the disk. An admin has to register one that is large enough."
                            : "The disk's LUN is not one of the profile's target. Put the profile's target back.");
        }
        return Integer.parseInt(parts.group(2));
    }

    /** Whether something listens there. */
    boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), (int) CONNECT.toMillis());
            return true;
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }
}
