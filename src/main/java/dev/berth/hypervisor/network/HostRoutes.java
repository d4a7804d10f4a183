package dev.berth.hypervisor.network;

import dev.berth.hypervisor.HostCommand;
import dev.berth.hypervisor.HypervisorException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How the host itself reaches others. The worker runs next to its host, so that its routes are the host's. */
final class HostRoutes {
    private static final Pattern GATEWAY = Pattern.compile("^default via ([0-9.]+)", Pattern.MULTILINE);
    private static final Pattern SOURCE = Pattern.compile(" src ([0-9.]+)");

    private HostRoutes() {}

    /** The default route's gateway, or empty if there is none. */
    static Optional<String> gateway() {
        return first(GATEWAY, "ip", "-4", "route", "show", "default");
    }

    /** The host's address that others see when it talks to this one, or empty if it knows no way there. */
    static Optional<String> source(String target) {
        return first(SOURCE, "ip", "-4", "route", "get", target);
    }

    static boolean isOwnAddress(String address) {
        try {
            return NetworkInterface.getByInetAddress(InetAddress.getByName(address)) != null;
        } catch (UnknownHostException | SocketException e) {
            return false;
        }
    }

    /**
     * Whether the target answers a ping from this address of the host within two seconds.
     *
     * @throws HypervisorException when ping is not installed
     */
    static boolean answers(String target, String from) {
        return HostCommand.of("ping", "-n", "-q", "-c", "1", "-w", "2", "-I", from, target)
                .run()
                .succeeded();
    }

    private static Optional<String> first(Pattern pattern, String... command) {
        HostCommand.Result result = HostCommand.of(command).run();
        Matcher matcher = pattern.matcher(result.output());
        return result.succeeded() && matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
